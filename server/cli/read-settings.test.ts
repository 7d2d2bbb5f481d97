import { expect, test } from 'vitest'
import { ProjectError } from './project-error.ts'
import { readSettings } from './read-settings.ts'

test('without variables the defaults hold', () => {
  expect(readSettings({ LOG_LEVEL: '' })).toEqual({
    jobsPerWorker: 10, runTimeoutMs: 3_600_000, mostAttempts: 3, eventRetentionMs: 120_000, graceMs: 5000, bodyLimit: 314_572_800, typesTimeoutMs: 30_000, logLevel: 'warn', logJson: false,
  })
})

test('variables say something else', () => {
  expect(readSettings({
    N_JOBS_PER_WORKER: '4', BG_JOB_TIMEOUT_SECS: '0.5', BG_JOB_MAX_RETRIES: '1', RESUMABLE_STREAM_TTL_SECONDS: '0', BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS: '0', HTTP_MAX_REQUEST_BODY_BYTES: '1024', LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS: '0', LOG_LEVEL: 'WARNING', LOG_JSON: 'True',
  })).toEqual({ jobsPerWorker: 4, runTimeoutMs: 500, mostAttempts: 1, eventRetentionMs: 0, graceMs: 0, bodyLimit: 1024, typesTimeoutMs: 0, logLevel: 'warn', logJson: true })
})

test.each([
  ['N_JOBS_PER_WORKER', '0'], ['N_JOBS_PER_WORKER', 'ten'], ['N_JOBS_PER_WORKER', '1.5'], ['BG_JOB_TIMEOUT_SECS', '0'], ['BG_JOB_TIMEOUT_SECS', '1h'], ['BG_JOB_TIMEOUT_SECS', '99999999'], ['BG_JOB_MAX_RETRIES', '0'], ['RESUMABLE_STREAM_TTL_SECONDS', '-1'],
  ['BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS', 'NaN'], ['HTTP_MAX_REQUEST_BODY_BYTES', '99999999999'], ['LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS', '-5'], ['LOG_LEVEL', 'loud'], ['LOG_JSON', 'perhaps'],
])('%s=%s is a mistake that names the variable', (name, value) => {
  expect(() => readSettings({ [name]: value })).toThrow(ProjectError)
  expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name}: .*(Correct|Use one of)`))
})
