import type { TypeScript } from './load-typescript.ts'

/** Whether it is LangChain's `BaseMessage` or a class that extends it. */
export function isMessage(checker: TypeScript.TypeChecker, type: TypeScript.Type): boolean {
  const { symbol } = type
  if (!symbol) return false
  if (symbol.name === 'BaseMessage') return symbol.declarations?.some((declaration) => /@langchain[\\/]core/.test(declaration.getSourceFile().fileName)) ?? false
  const declared = type.isClassOrInterface() ? type : checker.getDeclaredTypeOfSymbol(symbol)
  return declared.isClassOrInterface() && checker.getBaseTypes(declared).some((base) => base !== declared && isMessage(checker, base))
}

/** Whether it is an array of messages, of one class or several, or of what can be made a message. */
export function isMessageList(checker: TypeScript.TypeChecker, type: TypeScript.Type): boolean {
  if (!checker.isArrayType(type)) return false
  const item = type.getNumberIndexType()
  if (!item) return false
  return (item.isUnion() ? item.types : [item]).some((member) => isMessage(checker, member))
}

/** LangGraph lets an update replace what is there (`OverwriteValue`): a marked object, for code rather than for people. */
export const isOverwrite = ({ symbol }: TypeScript.Type): boolean => /^Overwrite(Value)?$/.test(symbol?.name ?? '')
