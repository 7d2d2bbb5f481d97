import * as builders from './builders.mjs'

export const trivial = builders.trivial.compile()
export const ten = builders.ten.compile()
export const cpu = builders.cpu.compile()
export const events = builders.events.compile()
export const messages = builders.messages.compile()
export const looping = builders.looping.compile()
export const blocking = builders.blocking.compile()
export const failing = builders.failing.compile()
