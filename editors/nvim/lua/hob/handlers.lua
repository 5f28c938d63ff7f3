--- Answers to what the server sends. Errors of jobs are shown by the server itself, with
--- window/showMessage: here they are only noted.
local status = require('hob.status')

local M = {}

--- Waits for an answer that comes later: a request is handled in a coroutine of its own, and answered with
--- what that returns in the end.
---@generic T
---@param ask fun(done: fun(value: T?))
---@return T|vim.NIL
local function wait(ask)
  local co = coroutine.running()
  ask(function(value)
    vim.schedule(function() -- never before the yield below, however soon the answer is there
      coroutine.resume(co, value or vim.NIL)
    end)
  end)
  return coroutine.yield()
end

--- hob/input: asks for the instruction of an action.
---@param params { title: string, placeholder: string }
function M.input(_, params)
  return wait(function(done)
    vim.ui.input({ prompt = params.title:gsub('…$', '') .. ': ' }, function(value)
      value = vim.trim(value or '')
      vim.api.nvim_echo({ { '' } }, false, {}) -- the question would stay in the command line
      require('hob.requests').instructed(value)
      done(value ~= '' and { value = value } or nil)
    end)
  end)
end

--- A request takes along the changes that wait to be sent: the server, which tries again, has to see them
--- before the answer.
---@param client vim.lsp.Client
---@param bufnr integer
local function flush(client, bufnr)
  client:request('workspace/executeCommand', { command = 'hob.status' }, function() end, bufnr)
end

local content_modified = -32801

--- hob/review: the user decides about the changes of a job.
---@param params hob.ReviewParams
---@param ctx lsp.HandlerContext
function M.review(_, params, ctx)
  if not require('hob.config').get().preview or #params.hunks == 0 then
    return { accept = true }
  end
  local opened
  local result = wait(function(done)
    opened = require('hob.review').open(params, ctx.client_id, done)
    if not opened then
      done(nil)
    end
  end)
  if opened then
    return result
  end
  flush(assert(vim.lsp.get_client_by_id(ctx.client_id)), vim.uri_to_bufnr(params.uri))
  return nil, { code = content_modified, message = 'the text was changed meanwhile' }
end

--- hob/jobDone
---@param result hob.Result
---@param ctx lsp.HandlerContext
function M.job_done(_, result, ctx)
  require('hob.preview').clear(result.job)
  require('hob.review').clear(result.job)
  status.ended(ctx.client_id, result)
  -- What a review found are diagnostics, and its tally is a message of the server.
  if result.status == 'answered' and result.answer and result.action ~= 'review' then
    local title = result.action:gsub('^%l', string.upper)
    if result.model and result.model ~= '' then
      title = title .. ' · ' .. result.model
    end
    require('hob.window').open(title, result.answer)
  end
end

--- hob/status
---@param params hob.Status
---@param ctx lsp.HandlerContext
function M.status(_, params, ctx)
  status.set(ctx.client_id, params)
end

local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

--- window/showMessage: the server's messages begin with its name already.
---@param params { type: integer, message: string }
function M.show_message(_, params)
  vim.notify(params.message, levels[params.type] or vim.log.levels.INFO, { title = 'Hob' })
end

--- The files that an edit creates.
---@param edit lsp.WorkspaceEdit
---@return string[] uris
local function created(edit)
  local uris = {}
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.kind == 'create' then
      uris[#uris + 1] = change.uri
    end
  end
  return uris
end

--- The open file that an edit was not made for, because it was changed since. Neovim checks this
--- itself, but not for the first version of a document, and then answers that it applied the edit.
---@param edit lsp.WorkspaceEdit
---@return integer? bufnr
local function outdated(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    local version = document and document.version
    if version and version ~= vim.NIL then
      local bufnr = vim.uri_to_bufnr(document.uri)
      local open = rawget(vim.lsp.util.buf_versions, bufnr)
      if open and open ~= version then
        return bufnr
      end
    end
  end
end

--- Shows a file that an edit created: Neovim leaves it in a hidden buffer, not yet written.
---@param uri string
---@param encoding string
local function show_new(uri, encoding)
  local buf = vim.uri_to_bufnr(uri)
  if not vim.bo[buf].modified then
    return -- the user said no
  end
  -- Neovim puts the text before the one empty line of a new buffer, which would be written too.
  local last = vim.api.nvim_buf_line_count(buf) - 1
  if last > 0 and vim.api.nvim_buf_get_lines(buf, last, -1, false)[1] == '' then
    vim.api.nvim_buf_set_lines(buf, last, -1, false, {})
  end
  vim.bo[buf].buflisted = true
  -- Who types, or is in a window of another kind, stays there.
  if vim.api.nvim_get_mode().mode == 'n' and vim.bo.buftype == '' then
    vim.lsp.util.show_document({ uri = uri }, encoding, { focus = true, reuse_win = true })
  end
  local name = vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.')
  vim.notify(('Hob: new file %s, :w keeps it'):format(name), vim.log.levels.INFO)
end

--- Ends the undo block of each buffer that an edit changes, so that one undo takes back the edit and
--- nothing that was typed before or after it.
---@param edit lsp.WorkspaceEdit
local function close_undo(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.textDocument then
      local bufnr = vim.uri_to_bufnr(change.textDocument.uri)
      if vim.api.nvim_buf_is_loaded(bufnr) then
        vim.bo[bufnr].undolevels = vim.bo[bufnr].undolevels -- setting it, to whatever value, does that
      end
    end
  end
end

--- workspace/applyEdit: all of an edit or nothing.
---@param params lsp.ApplyWorkspaceEditParams
---@param ctx lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
function M.apply_edit(_, params, ctx)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  local bufnr = outdated(params.edit)
  if bufnr then
    flush(client, bufnr)
    return { applied = false, failureReason = 'the text was changed meanwhile' }
  end
  close_undo(params.edit)
  local ok, why = pcall(vim.lsp.util.apply_workspace_edit, params.edit, client.offset_encoding)
  close_undo(params.edit)
  if not ok then
    return { applied = false, failureReason = tostring(why) }
  end
  for _, uri in ipairs(created(params.edit)) do
    show_new(uri, client.offset_encoding)
  end
  return { applied = true }
end

return M
