-- A file that is closed while the model writes: nobody would see its review, so that Neovim asks about the change.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n'
local want = original:gsub('return 0', 'return a + b')
local here = T.open('here.go', 'package main\n')
local path = T.write('main.go', original)
-- Neovim 0.12 asks by itself, for an older one the server does.
local confirms = vim.fn.has('nvim-0.12') == 1
local question = confirms and 'Apply all changes?\nHob: edit main.go' or 'Hob wants to change main.go (-1 +1 lines): '
local answer
vim.ui.select = function(items, opts, done)
  T.ok(not confirms, 'asked by Neovim alone')
  table.insert(T.asked, opts.prompt)
  done(vim.iter(items):find(function(item)
    return item.title == answer
  end))
end

local function closed_by(command, yes)
  answer = yes and 'Apply' or 'Discard'
  T.will_choose(yes and 1 or 2)
  T.asked = {}
  vim.cmd.edit(path)
  T.attached()
  local buf, gate = vim.api.nvim_get_current_buf(), command .. answer
  T.model.says({
    text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```',
    last = 'the sum',
    gates = { { name = gate, after = 3 } },
  })
  vim.cmd('3,5Hob edit the sum')
  T.model.wait_gate(gate)
  vim.cmd.buffer(here)
  vim.cmd(('silent %s %d'):format(command, buf))
  T.told_server(here)
  T.model.release(gate)
  local status = T.ended().status
  T.eq(T.asked, { question }, command)
  T.eq(vim.api.nvim_get_current_buf(), here, 'nobody is sent away')
  return status
end

for _, command in ipairs({ 'bdelete', 'bunload', 'bwipeout' }) do
  T.eq(closed_by(command, false), 'declined', command)
  T.eq(T.read('main.go'), original, 'no')
  T.eq(closed_by(command, true), 'applied', command)
  vim.cmd.buffer(path)
  T.eq({ T.text(), vim.bo.modified }, { want, true }, 'yes')
  T.eq(T.undo(), original, 'one undo')
  T.eq(vim.bo.modified, false, 'as on disk')
  T.eq(T.marks(0), {}, 'nothing is drawn')
  vim.cmd.buffer(here)
end
