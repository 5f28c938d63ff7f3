-- Without a model the user is told what is wrong and what to do, once.
local T = ...
local original = 'a = 1\n'
T.open('a.py', original)
T.model.close()
vim.cmd('1Hob edit make it two')
local result = T.ended()
T.eq({ result.status, result.error.kind }, { 'failed', 'model_unreachable' }, 'result')
T.wait('the user is told', function()
  return #T.told('', vim.log.levels.ERROR) > 0
end)
local told = T.told('', vim.log.levels.ERROR)
T.eq(#told, 1, 'once')
T.has(told[1].text, result.error.message, 'what happened')
T.has(told[1].text, result.error.hint, 'what to do')
T.ok(result.error.hint ~= '', 'there is a hint')
T.eq(T.text(), original, 'untouched')
T.wait('the statusline tells', function()
  return vim.startswith(require('hob').statusline(), 'hob: ')
end)

-- The editor goes on, and so does what needs no model.
T.write('package.json', '{"dependencies": {"react": "18.3.0"}, "devDependencies": {"typescript": "5.6.0"}}\n')
T.wait('the server knows of it', function()
  local answer = T.client():request_sync('workspace/executeCommand', { command = 'hob.stats' }, 60000)
  return answer.result.workspace.files == 2
end)
vim.cmd.Hob('component name=Chip dir=src a React chip with a label')
T.new_file()
vim.cmd.Hob('accept')
result = T.ended()
T.eq({ result.status, result.tier }, { 'applied', 'instant' }, 'the instant tier')
