import { Type, type Static } from 'typebox'

/** A component of a graph's, by its name in the map that the project's ui file exports (wire reference §1.9). */
export const UiQuery = Type.Object({ name: Type.String() })
export type UiQuery = Static<typeof UiQuery>
