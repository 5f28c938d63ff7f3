-- :checkhealth hob checks Neovim's side and repeats what hob doctor finds.
local T = ...
T.open('a.py', 'a = 1\n')
vim.cmd.checkhealth('hob')
local text = T.text()
T.has(text, 'OK Neovim 0.', 'version')
T.has(text, 'bin/hob: hob ', 'binary')
T.has(text, 'running for ' .. vim.uv.fs_realpath(T.work) .. ', 1 buffer, utf-8', 'client')
T.has(text, 'endpoint ollama: Ollama 0.', 'endpoint')
T.has(text, 'tier fast: ollama/qwen2.5-coder:3b', 'tier')
T.ok(not text:find('editor:', 1, true), 'whether there is an editor is no question here')
local known = vim.fn.filereadable(vim.env.E2E_PLUGIN .. '/doc/tags') == 1
T.eq(text:find(':helptags ALL makes it so', 1, true) == nil, known, 'how the help comes to be known')
vim.cmd.bdelete()

T.model.close()
vim.g.hob = { answers = 'popup', colour = 'red' }
vim.cmd.checkhealth('hob')
text = T.text()
T.has(text, 'ERROR endpoint ollama: nothing answers at', 'endpoint')
T.has(text, 'ollama serve', 'remedy')
T.has(text, "ERROR vim.g.hob.answers must be 'float' or 'split'", 'value')
T.has(text, 'ERROR vim.g.hob.colour is not a key', 'key')
vim.cmd.bdelete()

vim.g.hob = nil
vim.lsp.config('hob', { cmd = { '/nowhere/hob', 'serve' } })
vim.cmd.checkhealth('hob')
text = T.text()
T.has(text, 'ERROR /nowhere/hob can not be executed', 'no binary')
T.has(text, 'make install', 'remedy')
