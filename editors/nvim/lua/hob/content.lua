--- Documents that only the server has, such as the changes that it asks about: hob:/KIND/NAME.
local M = {}

local group = vim.api.nvim_create_augroup('hob.content', { clear = true })
local limit = 2000 -- milliseconds; the server has them in memory

---@param uri string
---@return string?
local function text_of(uri)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'hob' })) do
    local answer = client:request_sync('workspace/textDocumentContent', { uri = uri }, limit)
    local text = answer and answer.result and answer.result.text
    if text then
      return text
    end
  end
end

---@param buf integer
---@param uri string
local function read(buf, uri)
  local text = text_of(uri)
  if not text then
    return require('hob.say').say(('%s is no longer there'):format(uri))
  end
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split((text:gsub('\r?\n$', '')), '\r?\n'))
  vim.bo[buf].buftype, vim.bo[buf].swapfile = 'nofile', false
  vim.bo[buf].modifiable, vim.bo[buf].modified = false, false
  vim.bo[buf].filetype = vim.filetype.match({ filename = vim.fs.basename(uri) }) or ''
end

--- Has Neovim read such documents from the server.
function M.enable()
  vim.api.nvim_clear_autocmds({ group = group })
  vim.api.nvim_create_autocmd('BufReadCmd', {
    group = group,
    pattern = 'hob:/*',
    callback = function(ev)
      read(ev.buf, ev.match)
    end,
  })
end

return M
