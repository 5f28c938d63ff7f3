--- The keys of a review, in its buffer alone; what the user had mapped there comes back afterwards.
local M = {}

---@class hob.Mapped
---@field replaced table[] buffer-local maps of the user in the place of ours
---@field lhs string[]

--- What keys there are, and which ones where the user has not chosen others.
---@type table<string, { lhs: string, desc: string }>
M.all = {
  accept = { lhs = '<CR>', desc = 'accept the changes' },
  reject = { lhs = '<BS>', desc = 'reject the changes' },
  hunk_accept = { lhs = 'do', desc = 'accept this change' },
  hunk_reject = { lhs = 'dx', desc = 'reject this change' },
  hunk_next = { lhs = ']c', desc = 'next change' },
  hunk_prev = { lhs = '[c', desc = 'previous change' },
  retry = { lhs = 'cp', desc = 'try again with another instruction' },
  retry_larger = { lhs = 'cm', desc = 'try again with a larger model' },
}

---@param bufnr integer
---@param names string[]
---@param act fun(name: string)
---@return hob.Mapped
function M.map(bufnr, names, act)
  local mapped = { replaced = {}, lhs = {} }
  vim.api.nvim_buf_call(bufnr, function()
    for _, name in ipairs(names) do
      local lhs = require('hob.config').get().keys[name]
      if lhs then
        local before = vim.fn.maparg(lhs, 'n', false, true)
        if before.buffer == 1 then
          table.insert(mapped.replaced, before)
        end
        table.insert(mapped.lhs, lhs)
        vim.keymap.set('n', lhs, function()
          act(name)
        end, { buffer = bufnr, nowait = true, desc = 'Hob: ' .. M.all[name].desc })
      end
    end
  end)
  return mapped
end

---@param bufnr integer
---@param mapped hob.Mapped
function M.unmap(bufnr, mapped)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  vim.api.nvim_buf_call(bufnr, function()
    for _, lhs in ipairs(mapped.lhs) do
      pcall(vim.keymap.del, 'n', lhs, { buffer = bufnr }) -- the user may have done so
    end
    for _, before in ipairs(mapped.replaced) do
      vim.fn.mapset('n', false, before)
    end
  end)
end

return M
