/** Packages that come with the app, for projects in which nothing is installed yet. */
export const BUNDLED_WITH_APP = /^(@langchain\/(core|langgraph|langgraph-checkpoint|langgraph-sdk)|zod)(\/|$)/
