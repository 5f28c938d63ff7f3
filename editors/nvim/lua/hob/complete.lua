--- What can follow on the command line behind :Hob.
local commands = require('hob.commands')
local status = require('hob.status')

local M = {}

---@param lead string
---@param of string[]
---@return string[]
local function starting(lead, of)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, of)
end

--- Completes :Hob.
---@param lead string the word under the cursor
---@param line string the command line
---@param pos integer of the cursor in it
---@return string[]
function M.complete(lead, line, pos)
  local before = line:sub(1, pos):match('Hob!?%s+(.*)$') or ''
  local name, rest = before:match('^(%S+)%s+(.*)$')
  if not name then
    return starting(lead, commands.names())
  end
  local sub = commands.subcommands[name]
  if not sub then
    return {}
  end
  local key = lead:match('^(%l+)=')
  if key == 'tier' then
    return starting(lead, { 'tier=instant', 'tier=fast', 'tier=balanced', 'tier=quality' })
  elseif key == 'dir' then
    return vim.tbl_map(function(dir)
      return 'dir=' .. dir
    end, vim.fn.getcompletion(lead:sub(5), 'dir'))
  elseif key == 'model' then
    local now = status.get()
    local models = vim.tbl_map(function(m)
      return 'model=' .. m
    end, vim.tbl_values(now and now.models or {}))
    table.sort(models)
    return starting(lead, vim.fn.uniq(models))
  end
  -- Options stand before the instruction.
  local _, words = commands.options_of(rest, sub.options or {})
  if words ~= lead then
    return {}
  end
  if sub.values then
    return starting(lead, sub.values())
  end
  local keys = vim.tbl_map(function(k)
    return k .. '='
  end, sub.options or {})
  table.sort(keys)
  return starting(lead, keys)
end

return M
