-- A diagnostic of any source, whose columns are bytes, becomes a fix.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(ä, used int) int {\n\treturn ä + usde\n}\n'
local buf = T.open('main.go', original)
local ns = vim.api.nvim_create_namespace('other')
vim.diagnostic.set(ns, buf, {
  { lnum = 3, col = 13, end_lnum = 3, end_col = 17, message = 'undefined: usde', severity = vim.diagnostic.severity.ERROR, source = 'gopls' },
})
local want = original:gsub('usde', 'used')

T.model.says({ text = '```go\nfunc add(ä, used int) int {\n\treturn ä + used\n}\n```', contains = 'undefined: usde' })
vim.api.nvim_win_set_cursor(0, { 4, 0 })
vim.cmd.Hob('fix')
T.eq(T.ended().status, 'applied', 'by command')
T.eq(T.text(), want, 'fixed')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = '```go\nfunc add(ä, used int) int {\n\treturn ä + used\n}\n```', contains = 'undefined: usde' })
vim.api.nvim_win_set_cursor(0, { 4, 13 })
T.action('Fix: undefined: usde')
T.eq(T.ended().status, 'applied', 'from the menu')
T.eq(T.text(), want, 'fixed')

vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.cmd.Hob('fix')
T.eq(#T.told('no diagnostic on this line'), 1, 'nothing to fix')
