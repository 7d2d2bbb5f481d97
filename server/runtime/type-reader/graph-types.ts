import { isReference, type TypeScript } from './load-typescript.ts'

/** Null where the types do not tell. */
export interface GraphTypes {
  readonly state: TypeScript.Type | null
  readonly input: TypeScript.Type | null
  readonly output: TypeScript.Type | null
  readonly context: TypeScript.Type | null
}

export interface Sought { readonly program: TypeScript.Program, readonly file: string, readonly exportName: string }

/** What a graph takes, gives and holds, by the type of the export that it is. Null when that is no graph's type. */
export function findGraphTypes(ts: typeof TypeScript, { program, file, exportName }: Sought): GraphTypes | null {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  const exported = module && checker.getExportsOfModule(module).find(({ name }) => name === exportName)
  if (!exported) return null
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const graph = createFinder(checker).graphIn(checker.getTypeOfSymbol(symbol))
  return graph && typesOf(ts, checker, graph)
}

const DEEPEST = 4

/** As the worker does with values (`load-graphs.ts`): a promise is awaited, a factory called, a builder compiled, an agent holds its graph. */
function createFinder(checker: TypeScript.TypeChecker) {
  const returned = (type: TypeScript.Type) => type.getCallSignatures().at(-1)?.getReturnType()
  const graphIn = (type: TypeScript.Type | undefined, depth = 0): TypeScript.Type | null => {
    const awaited = type && checker.getAwaitedType(type)
    if (!awaited || depth > DEEPEST) return null
    if (awaited.getProperty('lg_is_pregel')) return awaited
    const next = returned(awaited) ?? propertyOf(checker, awaited, 'graph') ?? returned(propertyOf(checker, awaited, 'compile') ?? awaited)
    return graphIn(next, depth + 1)
  }
  return { graphIn }
}

function propertyOf(checker: TypeScript.TypeChecker, type: TypeScript.Type | null | undefined, name: string): TypeScript.Type | null {
  const property = type?.getProperty(name)
  return property ? checker.getTypeOfSymbol(property) : null
}

/** Properties that carry types alone are in newer versions; the signature of `invoke` is in all. */
function typesOf(ts: typeof TypeScript, checker: TypeScript.TypeChecker, graph: TypeScript.Type): GraphTypes {
  const invoke = propertyOf(checker, graph, 'invoke')?.getCallSignatures()[0]
  const parameter = (index: number) => {
    const symbol = invoke?.getParameters()[index]
    return symbol ? checker.getNonNullableType(checker.getTypeOfSymbol(symbol)) : null
  }
  const options = parameter(1)
  const context = propertyOf(checker, options, 'context') ?? propertyOf(checker, options, 'configurable')
  const builder = propertyOf(checker, graph, 'builder')
  return {
    input: propertyOf(checker, graph, '~InputType') ?? withoutCommands(parameter(0)),
    output: propertyOf(checker, graph, '~OutputType') ?? (invoke ? checker.getAwaitedType(invoke.getReturnType()) ?? null : null),
    state: propertyOf(checker, graph, '~RunOutput') ?? (builder && stateOfBuilder(ts, checker, builder)),
    context: context && checker.getNonNullableType(context),
  }
}

/** `invoke` also takes commands, which are no input. */
function withoutCommands(type: TypeScript.Type | null): TypeScript.Type | null {
  if (!type?.isUnion()) return type
  return type.types.find((member) => !member.symbol?.name.startsWith('Command')) ?? null
}

/** `StateGraph<Definition, State, …>`. */
function stateOfBuilder(ts: typeof TypeScript, checker: TypeScript.TypeChecker, builder: TypeScript.Type): TypeScript.Type | null {
  return isReference(ts, builder) ? checker.getTypeArguments(builder)[1] ?? null : null
}
