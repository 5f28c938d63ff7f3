-- While the user types the instruction, the model reads what it is about.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() { println(add(1, 2)) }\n'
T.open('main.go', original)
local function prefill()
  local answer = T.client():request_sync('workspace/executeCommand', { command = 'hob.stats' }, 60000)
  return answer.result.prefill
end
-- Only a model that is loaded reads ahead.
T.model.says('It adds.')
vim.cmd('3Hob explain')
T.eq(T.ended().status, 'answered', 'explain')
vim.cmd.quit()

T.model.says({ text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```', last = 'return the sum' })
local answer
vim.ui.input = function(_, done)
  answer = done
end
vim.cmd('3,5Hob edit')
T.wait('the question is asked', function()
  return answer
end)
T.wait('the model has read ahead', function()
  return prefill().done == 1
end)
answer('return the sum')
T.eq(T.ended().status, 'applied', 'edit')
T.eq({ prefill().issued, prefill().hits }, { 1, 1 }, 'what was read served the job')
