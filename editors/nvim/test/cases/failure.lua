-- A job that failed says what can be done, in words of :Hob, and nothing gets in the way.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n'
local buf = T.open('main.go', original)
local want = original:gsub('return 0', 'return a + b')
local reply = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```'
vim.ui.select = function()
  error('nothing is to be chosen')
end
local function told(part)
  T.wait('it is said: ' .. part, function()
    return #T.told(part, vim.log.levels.ERROR) == 1
  end)
  T.messages = {}
end

T.wait('a larger model is known', function()
  local now = require('hob').status()
  return now and now.models.quality == 'ollama/qwen2.5-coder:14b'
end)

-- Nothing usable was written, when asked again and a tier up neither: one more time, or by a larger model.
local function fails()
  for _, text in ipairs({ 'I would rather talk about it.', 'It is a matter of taste.', 'One could say more.' }) do
    T.model.says({ text = text, contains = 'the sum' })
  end
  vim.cmd('3,5Hob edit the sum')
  local result = T.ended()
  T.eq({ result.status, result.error.kind }, { 'failed', 'no_edit' }, 'the job')
  told('(:Hob retry tries again, :Hob retry larger takes a larger model)')
end
fails()
T.model.says({ text = reply, last = 'sum' })
vim.cmd.Hob('retry')
T.eq(T.ended().status, 'applied', 'once more')
T.eq(T.text(), want, 'the edit')
T.eq(T.undo(), original, 'undone')
fails()
T.model.says({ text = reply, last = 'sum' })
vim.cmd.Hob('retry larger')
local result = T.ended()
T.eq({ result.status, result.tier }, { 'applied', 'quality' }, 'a tier up')
T.eq(T.undo(), original, 'undone')

-- The text was changed meanwhile: what would have been done can be looked at.
T.model.says({ text = reply, last = 'sum', gates = { { name = 'late', after = 2 } } })
vim.cmd('3,5Hob edit the sum')
T.model.wait_gate('late')
vim.api.nvim_buf_set_lines(buf, 3, 4, false, { '\treturn 1 // mine' })
T.model.release('late')
result = T.ended()
T.eq({ result.status, result.error.kind }, { 'failed', 'stale' }, 'too late')
told('(:Hob diff shows what it would have done, :Hob retry tries again)')
vim.cmd.Hob('diff')
T.eq(vim.bo.filetype, 'diff', 'the diff')
T.has(T.text(), '-\treturn 0\n+\treturn a + b\n', 'what it would have done')
T.press('q')
T.eq(vim.api.nvim_get_current_buf(), buf, 'back in the file')
T.model.says({ text = reply, last = 'sum' })
vim.cmd.Hob('retry')
T.eq(T.ended().status, 'applied', 'on the new text')
T.eq(T.text(), want, 'the edit')

-- A new job, or the end of the server, ends the offer.
T.undo()
T.model.says('It adds.')
vim.cmd('3Hob explain')
T.eq(T.ended().status, 'answered', 'explain')
vim.cmd.quit()
vim.cmd.Hob('retry')
T.eq(#T.told('there is nothing to review in this buffer', vim.log.levels.WARN), 1, 'nothing to try again')
T.model.close()
vim.cmd('3,5Hob edit the sum')
T.eq(T.ended().error.kind, 'model_unreachable', 'no model')
told('(:Hob retry tries again)')
vim.cmd.Hob('retry larger')
T.eq(#T.told('there is no larger model', vim.log.levels.WARN), 1, 'what is not offered is said')
T.messages = {}
T.model.open()
T.model.says({ text = reply, last = 'sum' })
vim.cmd.Hob('retry')
T.eq(T.ended().status, 'applied', 'with a model that is back')
T.eq(T.text(), want, 'the edit')

-- Another instruction, another tier, or both.
for _, words in ipairs({ 'the product', 'tier=quality', 'tier=quality the product' }) do
  T.undo()
  fails()
  T.model.says({ text = reply, last = words:find('product', 1, true) and 'the product' or 'the sum' })
  vim.cmd.Hob('retry ' .. words)
  result = T.ended()
  T.eq({ result.status, result.tier }, { 'applied', words:find('tier', 1, true) and 'quality' or 'fast' }, words)
  T.eq(T.text(), want, 'the edit')
end
