--- What the user set in vim.g.hob, checked, over what holds without it.
local M = {}

---@class hob.Keys The keys of a review, in normal mode; false for none.
---@field accept? string|false
---@field reject? string|false
---@field hunk_accept? string|false
---@field hunk_reject? string|false
---@field hunk_next? string|false
---@field hunk_prev? string|false
---@field retry? string|false
---@field retry_larger? string|false

---@class hob.Config What vim.g.hob may hold.
---@field cmd? string[] how the server is started; { 'hob', 'serve' }
---@field root_markers? (string|string[])[] files and folders that mark a project
---@field settings? table the server's settings: models, providers, ... as in its config.toml
---@field answers? 'float'|'split' where answers are shown
---@field preview? boolean show what is written while it is, and ask before it is applied; true
---@field keys? hob.Keys keys while a review is open

---@class hob.ResolvedConfig
---@field cmd string[]
---@field root_markers (string|string[])[]
---@field settings table?
---@field answers 'float'|'split'
---@field preview boolean
---@field keys hob.Keys

---@type hob.ResolvedConfig
local defaults = {
  cmd = { 'hob', 'serve' },
  root_markers = { '.hob', '.git', { 'package.json', 'go.mod', 'pyproject.toml', 'Cargo.toml' } },
  answers = 'float',
  preview = true,
  keys = vim.tbl_map(function(key)
    return key.lhs
  end, require('hob.keys').all),
}

---@type table<string, fun(v: any): string?> what is wrong with a value
local checks = {
  cmd = function(v)
    local words = vim.islist(v) and #v > 0
    for _, word in ipairs(words and v or {}) do
      words = words and type(word) == 'string'
    end
    if not words then
      return "must be a list of words, such as { 'hob', 'serve' }"
    end
  end,
  root_markers = function(v)
    if not vim.islist(v) then
      return 'must be a list of names'
    end
  end,
  settings = function(v)
    if type(v) ~= 'table' then
      return "must be a table, such as { models = { fast = 'ollama/qwen2.5-coder:3b' } }"
    end
  end,
  answers = function(v)
    if v ~= 'float' and v ~= 'split' then
      return "must be 'float' or 'split'"
    end
  end,
  preview = function(v)
    if type(v) ~= 'boolean' then
      return 'must be true or false'
    end
  end,
  keys = function(v)
    if type(v) ~= 'table' then
      return "must be a table, such as { accept = '<CR>' }"
    end
    for name, lhs in pairs(v) do
      if not defaults.keys[name] then
        return ('names %s; there are %s'):format(name, table.concat(vim.fn.sort(vim.tbl_keys(defaults.keys)), ', '))
      elseif lhs ~= false and (type(lhs) ~= 'string' or lhs == '') then
        return ('.%s must be a key or false'):format(name)
      end
    end
  end,
}

--- The configuration in use, and what of vim.g.hob could not be used.
---@return hob.ResolvedConfig config
---@return string[] problems
function M.read()
  local config, problems = vim.deepcopy(defaults), {}
  local user = vim.g.hob
  if user == nil then
    return config, problems
  end
  if type(user) ~= 'table' then
    return config, { 'vim.g.hob must be a table' }
  end
  for key, value in vim.spairs(user) do
    local check = checks[key]
    local wrong
    if check then
      wrong = check(value)
    else
      local known = vim.tbl_keys(checks)
      table.sort(known)
      wrong = 'is not a key; there are ' .. table.concat(known, ', ')
    end
    if wrong then
      problems[#problems + 1] = ('vim.g.hob.%s %s'):format(key, wrong)
    elseif key == 'keys' then
      config.keys = vim.tbl_extend('force', config.keys, value)
    else
      config[key] = value
    end
  end
  return config, problems
end

--- The configuration in use; what is wrong with it is said once.
---@return hob.ResolvedConfig
function M.get()
  local config, problems = M.read()
  for _, problem in ipairs(problems) do
    vim.notify_once('Hob: ' .. problem, vim.log.levels.WARN)
  end
  return config
end

--- The project that a buffer belongs to, or nil where Hob has nothing to do: buffers that are no
--- files, and files that lie loose in the home folder, which is not to be read as a project.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == '' or vim.bo[bufnr].buftype ~= '' or name:match('^%a[%w+.-]*://') then
    return nil
  end
  local root = vim.fs.root(bufnr, vim.lsp.config.hob.root_markers or defaults.root_markers)
  if root then
    return root
  end
  local dir = vim.fs.dirname(vim.fs.abspath(name))
  if dir == vim.fs.normalize('~') or dir == '/' or dir:match('^%a:/?$') then
    return nil
  end
  return dir
end

return M
