// Preloaded into server and workers when the plan has clock jumps: their clock is wrong by as many milliseconds as the file says.
import { readFileSync } from 'node:fs'

const file = process.env['FAULTS_CLOCK']
const LOOK_EVERY_MS = 20

if (file) {
  const RealDate = Date
  let offset = 0
  const look = () => { offset = Number(readFileSync(file, 'utf8')) || 0 }
  look()
  setInterval(look, LOOK_EVERY_MS).unref()
  globalThis.Date = class extends RealDate {
    constructor(...parts) {
      super(...(parts.length ? parts : [RealDate.now() + offset]))
    }
    static now() {
      return RealDate.now() + offset
    }
  }
}
