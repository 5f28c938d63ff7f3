--- Waiting for the user. A question in the middle of typing would be answered by what is typed, and while the
--- command-line window is open no other can be opened, gone to or closed.
local status = require('hob.status')

local M = {}

---@type table<integer, integer> client ids by group of autocommands
local waiting = {}

local count = 0

---@return boolean
local function at_rest()
  return vim.api.nvim_get_mode().mode:match('^nt?$') ~= nil and vim.fn.getcmdwintype() == ''
end

--- The jobs that a server has, or those of them that suit.
---@param client vim.lsp.Client
---@param suits fun(job: hob.StatusJob): boolean
---@param done fun(jobs: hob.StatusJob[])
local function jobs_of(client, suits, done)
  client:request('workspace/executeCommand', { command = 'hob.status' }, function(_, now)
    if now then
      local some = vim.tbl_filter(suits, now.jobs)
      done(#some > 0 and some or now.jobs)
    end
  end)
end

--- Waits, in the coroutine of a request, until the user is in normal mode.
---@param client_id integer
---@param suits fun(job: hob.StatusJob): boolean whether a job may be the one that asks
---@return boolean wanted false where those that may have asked have ended meanwhile
function M.wait(client_id, suits)
  if at_rest() then
    return true
  end
  local co = coroutine.running()
  count = count + 1
  local group = vim.api.nvim_create_augroup('hob.rest.' .. count, { clear = true })
  waiting[group] = client_id
  local asking ---@type hob.StatusJob[]? nil until the server has said
  local ended = {} ---@type table<string, boolean> by job
  local function wanted()
    return not asking or next(ended) == nil or vim.tbl_contains(asking, function(job)
      return not ended[job.job]
    end, { predicate = true })
  end
  local look = vim.schedule_wrap(function()
    if waiting[group] and (at_rest() or not wanted()) then
      waiting[group] = nil
      vim.api.nvim_del_augroup_by_id(group)
      coroutine.resume(co, wanted())
    end
  end)
  vim.api.nvim_create_autocmd({ 'ModeChanged', 'CmdwinLeave' }, {
    group = group,
    callback = function()
      look()
    end,
  })
  vim.api.nvim_create_autocmd('User', {
    group = group,
    pattern = 'HobJobDone',
    callback = function(ev)
      if ev.data.client_id == client_id then
        ended[ev.data.result.job] = true
        look()
      end
    end,
  })
  jobs_of(assert(vim.lsp.get_client_by_id(client_id)), suits, function(jobs)
    asking = jobs
    look()
  end)
  return coroutine.yield()
end

--- Does something that the command-line window would prevent: at once, or when that is closed.
---@param what fun()
function M.outside(what)
  if vim.fn.getcmdwintype() == '' then
    return what()
  end
  vim.api.nvim_create_autocmd('CmdwinLeave', {
    once = true,
    callback = vim.schedule_wrap(function()
      M.outside(what)
    end),
  })
end

--- Waits, in the coroutine of a request, until the command-line window is closed.
---@param job string that asks
---@param client_id integer
---@return boolean wanted false where the job has ended meanwhile
function M.wait_outside(job, client_id)
  if vim.fn.getcmdwintype() == '' then
    return true
  end
  local co = coroutine.running()
  M.outside(function()
    coroutine.resume(co)
  end)
  coroutine.yield()
  return vim.lsp.get_client_by_id(client_id) ~= nil and not vim.tbl_contains(status.results(), function(result)
    return result.job == job
  end, { predicate = true })
end

--- Forgets what a server that has ended waits for.
---@param client_id integer
function M.clear_client(client_id)
  for group, id in pairs(waiting) do
    if id == client_id then
      waiting[group] = nil
      vim.api.nvim_del_augroup_by_id(group)
    end
  end
end

return M
