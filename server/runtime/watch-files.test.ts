import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createProject } from './testing/harness.ts'
import { watchFiles } from './watch-files.ts'

const open = async (files: Record<string, string>) => {
  const dir = await createProject(files)
  const onChange = vi.fn<() => void>()
  const watch = watchFiles(onChange)
  onTestFinished(() => watch.close())
  const called = (times: number) => vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(times))
  return { dir, watch, called, path: (name: string) => join(dir, name) }
}

it('notices what is written, replaced, deleted and created', async () => {
  const { watch, called, path } = await open({ 'a.ts': '1', 'b.ts': '1', 'other.ts': '1' })
  const all = [path('a.ts'), path('b.ts'), path('missing.ts'), path('folder/deep/missing.ts')]
  watch.set(all, Date.now() + 1000)
  await writeFile(path('a.ts'), '2')
  await called(1)
  await writeFile(path('b.tmp'), '2')
  await rename(path('b.tmp'), path('b.ts'))
  await called(2)
  await rm(path('a.ts'))
  await called(3)
  await writeFile(path('a.ts'), '3')
  await called(4)
  await writeFile(path('missing.ts'), '1')
  await called(5)
})

it('notices a file in a folder that did not exist, once it is set again', async () => {
  const { watch, called, path } = await open({})
  watch.set([path('folder/deep/file.ts')], Date.now() + 1000)
  await mkdir(path('folder/deep'), { recursive: true })
  await writeFile(path('folder/deep/file.ts'), '1')
  await called(1)
})

it('notices what changed while it was not looking', async () => {
  const { watch, called, path } = await open({ 'a.ts': '1' })
  watch.set([path('a.ts')], 0)
  await called(1)
})

it('tells of a burst once, and of nothing else', async () => {
  const { watch, called, path } = await open({ 'a.ts': '1', 'b.ts': '1' })
  watch.set([path('a.ts')], Date.now() + 1000)
  await writeFile(path('b.ts'), '2')
  for (const text of ['2', '22', '222']) await writeFile(path('a.ts'), text)
  await called(1)
})
