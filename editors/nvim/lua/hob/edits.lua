--- Makes the edits that the server sends.
local M = {}

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

--- A file in whose place an edit would put another one. Neovim leaves out such an operation, does the others, and then
--- answers that it applied the edit.
---@param edit lsp.WorkspaceEdit
---@return string? path
local function taken(edit)
  local exists = {} ---@type table<string, boolean> what the operations before make of the disk
  local function there(path)
    if exists[path] == nil then
      exists[path] = vim.uv.fs_lstat(path) ~= nil
    end
    return exists[path]
  end
  for _, change in ipairs(edit.documentChanges or {}) do
    local options = change.options or {}
    local path = vim.uri_to_fname(change.uri or change.newUri or 'file:///')
    if change.kind == 'delete' then
      exists[path] = false
    elseif change.kind == 'create' or change.kind == 'rename' then
      if there(path) and not options.overwrite and not options.ignoreIfExists then
        return path
      end
      exists[path] = true
      if change.kind == 'rename' then
        exists[vim.uri_to_fname(change.oldUri)] = false
      end
    end
  end
end

---@param path string
---@return string
local function short(path)
  return vim.fn.fnamemodify(path, ':~:.')
end

--- Why a buffer can't be changed: that is not to be, or it has changes that the server does not know. Then the edit
--- was made for the file on disk, and its lines are not those of the buffer.
---@param edit lsp.WorkspaceEdit
---@return string? reason
local function locked(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    local bufnr = document and vim.uri_to_bufnr(document.uri)
    if bufnr and vim.api.nvim_buf_is_loaded(bufnr) then
      local name = short(vim.api.nvim_buf_get_name(bufnr))
      if not vim.bo[bufnr].modifiable then
        return name .. " is not 'modifiable'"
      elseif (not document.version or document.version == vim.NIL) and vim.bo[bufnr].modified then
        return name .. ' has unsaved changes'
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
  local here = vim.api.nvim_get_mode().mode == 'n' and vim.bo.buftype == ''
  if here then
    vim.lsp.util.show_document({ uri = uri }, encoding, { focus = true, reuse_win = true })
  end
  local name = short(vim.uri_to_fname(uri))
  local next_step = here and ':w keeps it' or (':e %s goes there, where :w keeps it'):format(name)
  require('hob.say').say(('new file %s, %s'):format(name, next_step), vim.log.levels.INFO)
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

--- Neovim 0.11 puts what is added behind the last line there with one line too many, takes that away again and
--- tells the server of the first step alone. So the end of the text is said to be the end of its last line.
---@param edit lsp.WorkspaceEdit
---@param encoding string
local function within_lines(edit, encoding)
  for _, change in ipairs(edit.documentChanges or {}) do
    local bufnr = change.textDocument and vim.uri_to_bufnr(change.textDocument.uri)
    if bufnr and vim.api.nvim_buf_is_loaded(bufnr) then
      local count = vim.api.nvim_buf_line_count(bufnr)
      local last = require('hob.diagnostics').position(bufnr, count - 1, math.huge, encoding)
      for _, e in ipairs(change.edits) do
        local from, to, text = e.range.start, e.range['end'], e.newText
        if to.line >= count and vim.endswith(text, '\n') then
          e.range['end'], e.newText = last, text:gsub('\r?\n$', '')
          if from.line >= count then
            e.range.start, e.newText = last, '\n' .. e.newText
          end
        end
      end
    end
  end
end

--- Waits until the user can be asked about an edit, where Neovim will ask.
---@param params lsp.ApplyWorkspaceEditParams
---@param client_id integer
---@return boolean wanted false where its job has ended meanwhile
local function askable(params, client_id)
  for _, annotation in pairs(params.edit.changeAnnotations or {}) do
    if annotation.needsConfirmation then
      return require('hob.rest').wait(client_id, function(job)
        return params.label == ('Hob: %s %s'):format(job.action, vim.fs.basename(vim.uri_to_fname(job.uri)))
      end)
    end
  end
  return true
end

--- workspace/applyEdit: all of an edit or nothing.
---@param params lsp.ApplyWorkspaceEditParams
---@param ctx lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
function M.apply(params, ctx)
  if not askable(params, ctx.client_id) then
    return { applied = false, failureReason = 'its job has ended' }
  end
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  local bufnr = outdated(params.edit)
  if bufnr then
    require('hob.requests').flush(client, bufnr)
    return { applied = false, failureReason = 'the text was changed meanwhile' }
  end
  local reason = locked(params.edit)
  if reason then
    return { applied = false, failureReason = reason }
  end
  local path = taken(params.edit)
  if path then
    return { applied = false, failureReason = short(path) .. ' exists already' }
  end
  within_lines(params.edit, client.offset_encoding)
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
