--- Answers to what the server sends. Errors of jobs are shown by the server itself, with
--- window/showMessage: here they are only noted.
local status = require('hob.status')

local M = {}

--- hob/input: asks for the instruction of an action.
---@param params { title: string, placeholder: string }
function M.input(_, params)
  -- A request is handled in a coroutine of its own and answered with what it returns in the end.
  local co = coroutine.running()
  vim.ui.input({ prompt = params.title:gsub('…$', '') .. ': ' }, function(value)
    vim.schedule(function() -- never before the yield below, however vim.ui.input is implemented
      coroutine.resume(co, value and vim.trim(value) ~= '' and { value = value } or vim.NIL)
    end)
  end)
  return coroutine.yield()
end

--- hob/jobDone
---@param result hob.Result
---@param ctx lsp.HandlerContext
function M.job_done(_, result, ctx)
  status.ended(ctx.client_id, result)
  if result.status == 'answered' and result.answer then
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

--- workspace/applyEdit, after which a new file is shown: Neovim would leave it in a hidden buffer.
---@param params lsp.ApplyWorkspaceEditParams
---@param ctx lsp.HandlerContext
function M.apply_edit(err, params, ctx)
  local answer = vim.lsp.handlers['workspace/applyEdit'](err, params, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  for _, uri in ipairs(client and answer and answer.applied and created(params.edit) or {}) do
    local buf = vim.uri_to_bufnr(uri)
    if vim.bo[buf].modified then -- not so where the user said no
      vim.bo[buf].buflisted = true
      -- Who types, or is in a window of another kind, stays there.
      if vim.api.nvim_get_mode().mode == 'n' and vim.bo.buftype == '' then
        vim.lsp.util.show_document({ uri = uri }, client.offset_encoding, { focus = true, reuse_win = true })
      end
      vim.notify('Hob: new file ' .. vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.') .. ', :w keeps it', vim.log.levels.INFO)
    end
  end
  return answer
end

return M
