/** A node's hue in degrees, from its name alone: the same node has the same colour everywhere. */
export function nodeHue(name: string): number {
  let hash = 2166136261
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619)
  return ((hash >>> 0) * 137.508) % 360
}
