local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(a, b int) int { return a + b }\n\nfunc main() { println(add(1, 2)) }\n'
T.open('main.go', original)
T.model.says('```go\n// add returns the sum of a and b.\nfunc add(a, b int) int { return a + b }\n```')
vim.api.nvim_win_set_cursor(0, { 3, 8 })
T.action('Document add')
T.eq(T.ended().status, 'applied', 'document')
T.eq(T.text(), (original:gsub('\nfunc add', '\n// add returns the sum of a and b.\nfunc add')), 'the comment')
T.eq(T.undo(), original, 'undone')
