/** Vectors of `dims` numbers, one after another, each made one unit long: their products are cosines. Zeros stay zeros. */
export function unitVectors(vectors: Float32Array, dims: number): Float32Array {
  const units = new Float32Array(vectors.length)
  for (let start = 0; start < vectors.length; start += dims) {
    let square = 0
    for (let i = start; i < start + dims; i++) square += vectors[i]! ** 2
    const length = Math.sqrt(square)
    if (length > 0) for (let i = start; i < start + dims; i++) units[i] = vectors[i]! / length
  }
  return units
}

/** The cosine of the nearest of an item's unit vectors to a unit vector, from -1 to 1; null when it has none. */
export function bestScore(vectors: Float32Array, query: Float32Array): number | null {
  const dims = query.length
  let best: number | null = null
  for (let start = 0; start + dims <= vectors.length; start += dims) {
    let product = 0
    for (let i = 0; i < dims; i++) product += vectors[start + i]! * query[i]!
    if (best === null || product > best) best = product
  }
  return best === null ? null : Math.min(1, Math.max(-1, best))
}
