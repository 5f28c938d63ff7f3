-- Both ways to stop a job free the model and leave the text alone.
local T = ...
local original = 'a = 1\nb = 2\n'
T.open('a.py', original)

T.model.says({ text = '```python\na = 3\n```', last = 'three', gates = { { name = 'one', after = 1 } } })
vim.cmd('1Hob edit three')
T.model.wait_gate('one')
T.wait('the job is known', function()
  return #vim.fn.getcompletion('Hob cancel ', 'cmdline') == 1
end)
vim.cmd.Hob('cancel')
T.model.wait_cancelled(1)
T.eq(T.ended().status, 'cancelled', 'by command')

T.model.says({ text = '```python\na = 4\n```', last = 'four', gates = { { name = 'two', after = 1 } } })
vim.cmd('1Hob edit four')
T.model.wait_gate('two')
local params = T.wait('progress is shown', function()
  local last = T.progress[#T.progress]
  return last and last.value.kind ~= 'end' and last
end)
T.eq(params.value.cancellable or T.progress[1].value.cancellable, true, 'cancellable')
T.client():notify('window/workDoneProgress/cancel', { token = params.token })
T.model.wait_cancelled(2)
T.eq(T.ended().status, 'cancelled', 'by progress')

T.eq(T.text(), original, 'untouched')
vim.cmd.Hob('cancel')
T.wait('that nothing runs is said', function()
  return #T.told('no job is running') == 1
end)
vim.cmd.Hob('cancel j99')
T.wait('that there is no such job is said', function()
  return #T.told('job j99 is not running') == 1
end)
T.eq(T.told('', vim.log.levels.ERROR), {}, 'no complaints')
