--- Hob in Neovim. Nothing has to be called: vim.lsp.enable('hob') starts it, vim.g.hob configures
--- it, :Hob uses it. See :help hob.
local M = {}

--- For the statusline: '' where Hob is not at work in this buffer, else 'hob' and what it does.
---
---     vim.o.statusline = "%f %m%=%{v:lua.require'hob'.statusline()} %l,%c"
---
---@return string
function M.statusline()
  return require('hob.status').line()
end

--- What the server of a buffer is doing, nil where there is none.
---@param bufnr? integer
---@return hob.Status?
function M.status(bufnr)
  return require('hob.status').get(bufnr)
end

--- The last results, newest first.
---@return hob.Result[]
function M.results()
  return require('hob.status').results()
end

return M
