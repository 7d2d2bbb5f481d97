/** Keeps only the named fields of each item (§0.4); all of them when nothing is named. */
export function selectFields<T extends object>(items: readonly T[], fields: readonly string[] | null | undefined): Partial<T>[] {
  if (!fields?.length) return [...items]
  const wanted = new Set(fields)
  return items.map((item) => Object.fromEntries(Object.entries(item).filter(([key]) => wanted.has(key))) as Partial<T>)
}
