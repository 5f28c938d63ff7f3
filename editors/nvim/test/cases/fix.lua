-- A diagnostic of any source, whose columns are bytes, becomes a fix.
local T = ...
local original = 'local ä, used = 1, 2\nprint(usde)\n'
local buf = T.open('a.lua', original)
local ns = vim.api.nvim_create_namespace('other')
vim.diagnostic.set(ns, buf, {
  { lnum = 1, col = 6, end_lnum = 1, end_col = 10, message = 'undefined global usde', severity = vim.diagnostic.severity.ERROR, source = 'luals' },
})
local want = original:gsub('usde', 'used')

T.model.says({ text = '```lua\nprint(used)\n```', contains = 'undefined global usde' })
vim.api.nvim_win_set_cursor(0, { 2, 0 })
vim.cmd.Hob('fix')
T.eq(T.ended().status, 'applied', 'by command')
T.eq(T.text(), want, 'fixed')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = '```lua\nprint(used)\n```', contains = 'undefined global usde' })
vim.api.nvim_win_set_cursor(0, { 2, 7 })
T.action('Fix: undefined global usde')
T.eq(T.ended().status, 'applied', 'from the menu')
T.eq(T.text(), want, 'fixed')

vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.cmd.Hob('fix')
T.eq(#T.told('no diagnostic on this line'), 1, 'nothing to fix')
