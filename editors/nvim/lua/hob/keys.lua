--- The keys of a review, in its buffer alone; what the user had mapped there comes back afterwards.
local M = {}

---@class hob.Mapped
---@field lhs string
---@field ours fun()
---@field before? table the user's buffer-local map in whose place ours is

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
---@return hob.Mapped[]
function M.map(bufnr, names, act)
  local mapped = {} ---@type hob.Mapped[]
  vim.api.nvim_buf_call(bufnr, function()
    for _, name in ipairs(names) do
      local lhs = require('hob.config').get().keys[name]
      if lhs then
        local before = vim.fn.maparg(lhs, 'n', false, true)
        local function ours()
          act(name)
        end
        table.insert(mapped, { lhs = lhs, ours = ours, before = before.buffer == 1 and before or nil })
        vim.keymap.set('n', lhs, ours, { buffer = bufnr, nowait = true, desc = 'Hob: ' .. M.all[name].desc })
      end
    end
  end)
  return mapped
end

--- Takes the keys away, but not what was mapped in their place meanwhile. A buffer keeps its maps when it is unloaded.
---@param bufnr integer
---@param mapped hob.Mapped[]
function M.unmap(bufnr, mapped)
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  vim.api.nvim_buf_call(bufnr, function()
    for _, key in ipairs(mapped) do
      local now = vim.fn.maparg(key.lhs, 'n', false, true)
      local still = now.buffer == 1 and now.callback == key.ours
      if still then
        vim.keymap.del('n', key.lhs, { buffer = bufnr })
      end
      if key.before and (still or now.buffer ~= 1) then
        vim.fn.mapset('n', false, key.before)
      end
    end
  end)
end

return M
