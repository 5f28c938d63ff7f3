--- What is added to the requests that Neovim sends by itself.
local M = {}

--- The diagnostics of all servers: Neovim tells a server of its own alone, and the code action menu
--- could offer no fixes.
---@param client vim.lsp.Client
---@param params lsp.CodeActionParams
---@return lsp.CodeActionParams
local function with_diagnostics(client, params)
  local bufnr = vim.uri_to_bufnr(params.textDocument.uri)
  local first, last = params.range.start.line, params.range['end'].line
  local found = require('hob.diagnostics').of(bufnr, first, last, client.offset_encoding)
  return vim.tbl_extend('force', params, { context = vim.tbl_extend('force', params.context, { diagnostics = found }) })
end

--- Ends visual mode when an action was picked for the selection. Neovim would stay in it, and to
--- keep the menu readable do nothing at all for four seconds.
---@param params lsp.ExecuteCommandParams
local function leave_visual(params)
  local job = params.arguments and params.arguments[1]
  if job and job.range and vim.api.nvim_get_mode().mode:match('^[vV\22]') then
    vim.cmd.normal({ vim.keycode('<Esc>'), bang = true })
  end
end

--- What the last job that the user started is about, and what should be done.
---@type { uri: string, prompt?: string }?
local last

--- Notes a job that is being started.
---@param params lsp.ExecuteCommandParams
local function note(params)
  local job = params.arguments and params.arguments[1]
  if type(job) == 'table' and job.uri then
    last = { uri = job.uri, prompt = job.prompt }
    require('hob.failure').dismiss()
  end
end

--- Notes what the user was asked for.
---@param value? string
---@param uri? string of the document it is about, the last job's if none is named
function M.instructed(value, uri)
  if last and (value or '') ~= '' and (not uri or last.uri == uri) then
    last.prompt = value
  end
end

--- The instruction of the last job, where it was about this document, if one is named.
---@param uri? string
---@return string?
function M.instruction(uri)
  return last and (not uri or last.uri == uri) and last.prompt or nil
end

--- A request takes along the changes that wait to be sent: the server, which tries again, has to see them
--- before the answer.
---@param client vim.lsp.Client
---@param bufnr integer
function M.flush(client, bufnr)
  client:request('workspace/executeCommand', { command = 'hob.status' }, function() end, bufnr)
end

---@param client vim.lsp.Client
function M.adapt(client)
  local request = client.request
  ---@diagnostic disable-next-line: duplicate-set-field, redundant-parameter
  client.request = function(self, method, params, handler, bufnr)
    if method == 'textDocument/codeAction' then
      params = with_diagnostics(self, params --[[@as lsp.CodeActionParams]])
    elseif method == 'workspace/executeCommand' then
      local command = params --[[@as lsp.ExecuteCommandParams]]
      note(command)
      if bufnr == vim.api.nvim_get_current_buf() then
        leave_visual(command)
      end
    end
    return request(self, method, params, handler, bufnr)
  end
end

return M
