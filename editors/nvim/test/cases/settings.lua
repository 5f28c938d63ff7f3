-- Settings of vim.g.hob and of vim.lsp.config reach the server, from its first message on.
local T = ...
vim.lsp.enable('hob', false)
vim.g.hob = { settings = { models = { fast = 'ollama/absent:1b', wrong = 1 } } }
-- The file is read anew for a configuration that is set again.
vim.lsp.config('hob', {})
vim.lsp.enable('hob')
T.open('a.py', 'a = 1\n')
T.wait('a wrong key is named', function()
  return #T.told('models.wrong: unknown key', vim.log.levels.WARN) == 1
end)
T.model.wait_listed()
vim.cmd('1Hob edit tier=fast two')
local result = T.ended()
T.eq({ result.status, result.error.kind }, { 'failed', 'model_missing' }, 'the model that was set')
T.has(result.error.message .. result.error.hint, 'absent:1b', 'is named')
