-- A code action on a selection becomes an edit that one undo takes back.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() { println(add(1, 2)) }\n'
T.open('main.go', original)
T.model.says({
  text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```',
  last = 'return the sum',
  gates = { { name = 'writing', after = 2 } },
})
T.will_type('return the sum')
T.select(3, 1, 5, 1, 'V')
T.action('Edit selection')
T.model.wait_gate('writing')
T.leave_visual()
T.wait('progress is shown', function()
  return #T.progress > 0
end)
T.eq(T.progress[1].value.kind, 'begin', 'first progress')
T.has(T.progress[1].value.title, 'edit main.go', 'its title')
T.wait('the statusline tells', function()
  return require('hob').statusline() == 'hob: edit writing'
end)
T.eq(T.text(), original, 'nothing changes while the model writes')
local steps = vim.fn.undotree().seq_cur
T.model.release('writing')
T.review()
T.eq(T.text(), original, 'nothing changes before it is accepted')
T.press('<CR>')
local result = T.ended()
T.eq({ result.action, result.status, result.model, result.tier }, { 'edit', 'applied', 'ollama/qwen2.5-coder:3b', 'fast' }, 'result')
T.eq(T.text(), (original:gsub('return 0', 'return a + b')), 'the edit')
T.eq(vim.fn.undotree().seq_cur, steps + 1, 'undo steps')
T.eq(T.undo(), original, 'undone')
T.eq(T.asked, { 'Edit selection: ' }, 'asked once')
T.eq(T.told('', vim.log.levels.WARN), {}, 'no complaints')
T.wait('progress ends', function()
  return T.progress[#T.progress].value.kind == 'end'
end)
T.wait('the statusline rests', function()
  return require('hob').statusline() == 'hob'
end)
