-- Jobs are taken back by name or the newest first, saved or not; what was typed elsewhere since stays.
local T = ...
vim.g.hob = { preview = false }
local original = 'a = 1\nb = 2\nc = 3\n'
local buf = T.open('a.py', original)
local function edit(line, text)
  T.model.says({ text = '```python\n' .. text .. '\n```', last = 'make it ' .. text })
  vim.cmd(line .. 'Hob edit make it ' .. text)
  local result = T.ended()
  T.eq(result.status, 'applied', text)
  return result.job
end
local function revert(words)
  vim.cmd('Hob revert ' .. words)
  return T.ended()
end
local first = edit(1, 'a = 10')
edit(3, 'c = 30')
vim.cmd('silent write')
vim.api.nvim_buf_set_lines(buf, 1, 2, false, { 'b = 20' })
T.eq(revert('').status, 'applied', 'the newest')
T.eq(T.text(), 'a = 10\nb = 20\nc = 3\n', 'what was typed stays')
T.eq(T.undo(), 'a = 10\nb = 20\nc = 30\n', 'one undo step')
vim.cmd.redo()
T.eq(revert(first).status, 'applied', 'by name')
T.eq(T.text(), 'a = 1\nb = 20\nc = 3\n', 'both are taken back')

-- The same place was changed since: nothing is taken back, and the reason is said.
local third = edit(2, 'b = 40')
vim.api.nvim_buf_set_lines(buf, 1, 2, false, { 'b = 41' })
T.eq(revert(third).status, 'failed', 'changed since')
T.eq(T.text(), 'a = 1\nb = 41\nc = 3\n', 'untouched')
T.wait('the reason is said', function()
  return #T.told('', vim.log.levels.ERROR) == 1
end)
vim.cmd.Hob('revert j99')
T.wait('that there is no such job is said', function()
  return #T.told('j99', vim.log.levels.ERROR) == 1
end)
