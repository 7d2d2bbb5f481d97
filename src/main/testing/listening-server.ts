// Runs until it is told to end, says what it was given, and takes a second signal to mean "at once" as the real one does.
console.log(JSON.stringify({ pid: process.pid, argv: process.argv.slice(1), token: process.env['SUPERSTEP_TOKEN'], asNode: process.env['ELECTRON_RUN_AS_NODE'] }))
console.error('listening')
let signals = 0
process.on('SIGTERM', () => {
  signals += 1
  if (signals > 1) process.exit(130)
  setTimeout(() => {
    console.log('ended in order')
    process.exit(0)
  }, 50)
})
setInterval(() => {}, 1000)
