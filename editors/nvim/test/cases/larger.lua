-- A change that is shown can be tried again by the next larger model, as long as there is one.
local T = ...
local buf = T.open('main.go', 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n')
local function says(words)
  T.model.says({ text = '```go\nfunc add(a, b int) int {\n\treturn ' .. words .. '\n}\n```', last = 'the sum' })
end
T.wait('three models are known', function()
  local now = require('hob').status()
  return now and now.models.quality == 'ollama/qwen2.5-coder:14b'
end)

says('a')
vim.cmd('3,5Hob edit tier=fast the sum')
local job = T.review().params.job
for i, larger in ipairs({ { 'balanced', 'ollama/qwen2.5-coder:7b' }, { 'quality', 'ollama/qwen2.5-coder:14b' } }) do
  T.has(T.preview(buf).text, 'cm larger model', 'it is offered')
  says(('a + b + %d'):format(i))
  T.press('cm')
  T.eq(T.ended().status, 'declined', 'the job before')
  local review = T.review()
  T.ok(review.params.job ~= job, 'another job')
  job = review.params.job
  T.eq({ review.params.tier, review.params.model }, larger, 'a tier up')
  T.has(T.preview(buf).text, ('return a + b + %d'):format(i), 'its text')
end
T.ok(not T.preview(buf).text:find('larger', 1, true), 'there is none above')
vim.cmd.Hob('retry larger')
T.eq(#T.told('there is no larger model', vim.log.levels.WARN), 1, 'said')
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'the end')
