import { CORPUS, type Document } from './corpus.ts'

export interface Hit {
  readonly document: Document
  /** From 0 to 1: how much of what was asked the document talks about. */
  readonly score: number
}

const FILLERS = new Set(['about', 'an', 'and', 'are', 'at', 'bring', 'do', 'does', 'for', 'from', 'good', 'how', 'in', 'is', 'it', 'my', 'of', 'on', 'or', 'our', 'should', 'the', 'their', 'to', 'use', 'we', 'what', 'when', 'where', 'why', 'with', 'worth'])
const MINIMUM_SCORE = 0.25
const WEIGHT_OF_UNKNOWN_WORD = 0.5

/** The words that carry meaning, without a plural "s", so that "costs" finds "cost". */
export function keywordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? []
  return [...new Set(words.filter((word) => !FILLERS.has(word)).map((word) => word.replace(/s$/, '')))]
}

const INDEX = CORPUS.map((document) => ({ document, words: new Set(keywordsOf(`${document.title} ${document.text}`)) }))

export function search(query: string, limit: number): Hit[] {
  const wanted = keywordsOf(query).map((word) => ({ word, weight: weightOf(word) }))
  const total = sum(wanted)
  return INDEX.map(({ document, words }) => ({ document, score: sum(wanted.filter(({ word }) => words.has(word))) / total }))
    .filter(({ score }) => score >= MINIMUM_SCORE)
    .map(({ document, score }) => ({ document, score: Math.round(score * 100) / 100 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
}

/** A word that few documents hold tells more than one that many hold. */
function weightOf(word: string): number {
  const holders = INDEX.filter(({ words }) => words.has(word)).length
  return holders === 0 ? WEIGHT_OF_UNKNOWN_WORD : 1 / holders
}

const sum = (weighted: readonly { weight: number }[]): number => weighted.reduce((total, { weight }) => total + weight, 0)
