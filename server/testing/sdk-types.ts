import { resolve } from 'node:path'
import ts from 'typescript'

/** What an option of an SDK's method may be, as far as a list of names tells it. */
export interface SdkOption { readonly name: string, /** Every text that its type allows, alone or in a list; empty where it allows any. */ readonly texts: readonly string[] }

const ROOT = resolve(import.meta.dirname, '../..')

/** The options that the installed JavaScript SDK's types allow, by `client.method`, those of all overloads together. */
export function sdkOptions(clients: readonly string[]): Map<string, SdkOption[]> {
  const file = resolve(ROOT, 'server/testing/sdk-types.virtual.ts')
  const source = ts.createSourceFile(file, `import { Client } from '@langchain/langgraph-sdk'\nexport declare const client: Client`, ts.ScriptTarget.ESNext, true)
  const compilerOptions: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ESNext, strict: true, skipLibCheck: true, noEmit: true, types: [] }
  const host = ts.createCompilerHost(compilerOptions)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) => name === file ? source : read(name, ...rest)
  const program = ts.createProgram([file], compilerOptions, host)
  const checker = program.getTypeChecker()
  const [declared] = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!)
  const typeOf = (symbol: ts.Symbol) => checker.getTypeOfSymbolAtLocation(symbol, source)

  const found = new Map<string, SdkOption[]>()
  for (const name of clients)
    for (const method of checker.getPropertiesOfType(typeOf(typeOf(declared!).getProperty(name)!))) {
      const isOurs = !(ts.getCombinedModifierFlags(method.valueDeclaration ?? method.declarations![0]!) & (ts.ModifierFlags.Protected | ts.ModifierFlags.Private))
      const signatures = typeOf(method).getCallSignatures()
      if (isOurs && signatures.length > 0) found.set(`${name}.${method.name}`, optionsOf(signatures))
    }
  return found

  function optionsOf(signatures: readonly ts.Signature[]): SdkOption[] {
    const options = new Map<string, Set<string>>()
    for (const signature of signatures)
      for (const parameter of signature.getParameters())
        for (const part of partsOf(typeOf(parameter)).map(elementOf)) {
          if (!(part.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || part.symbol?.name === 'AbortSignal') continue
          for (const property of checker.getPropertiesOfType(part)) options.set(property.name, new Set([...options.get(property.name) ?? [], ...textsOf(typeOf(property))]))
        }
    return [...options].map(([name, texts]) => ({ name, texts: [...texts] }))
  }

  function partsOf(type: ts.Type): readonly ts.Type[] {
    return type.isUnion() ? type.types : [type]
  }

  /** Of a list, what is in it. */
  function elementOf(type: ts.Type): ts.Type {
    return checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference)[0]! : type
  }

  function textsOf(type: ts.Type): string[] {
    return partsOf(constraintOf(type)).flatMap((part) => partsOf(constraintOf(elementOf(part)))).flatMap((part) => part.isStringLiteral() ? [part.value] : [])
  }

  function constraintOf(type: ts.Type): ts.Type {
    return checker.getBaseConstraintOfType(type) ?? type
  }
}
