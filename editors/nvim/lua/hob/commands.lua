--- :Hob and its subcommands. Each job is one workspace/executeCommand; what it needs and where it
--- may run is the server's to decide.
local status = require('hob.status')
local diagnostics = require('hob.diagnostics')
local say = require('hob.say').say

local position = diagnostics.position

local M = {}

---@class hob.Subcommand
---@field desc string
---@field id? string command of the server
---@field run? fun(sub: hob.Subcommand, client: vim.lsp.Client, opts: hob.Opts)
---@field review? fun(opts: hob.Opts) is about what waits for the user, and needs no server
---@field anywhere? boolean works in buffers that Hob is not attached to
---@field options? string[] which KEY=VALUE it takes
---@field values? fun(): string[] completes its argument

---@class hob.Opts
---@field bufnr integer
---@field range? { [1]: integer, [2]: integer } lines, 1-based, inclusive
---@field args string the words after the subcommand

---@param client vim.lsp.Client
---@param id string
---@param params table?
---@param bufnr integer
---@param on_result? fun(result: any)
local function execute(client, id, params, bufnr, on_result)
  local command = { title = id, command = id, arguments = params and { params } }
  client:exec_cmd(command, { bufnr = bufnr }, function(err, result)
    if err then
      say(err.message, vim.log.levels.ERROR)
    elseif on_result then
      on_result(result)
    end
  end)
end

--- The visual selection where the command line began with '<,'>, else whole lines.
---@param opts hob.Opts
---@param encoding string
---@return lsp.Range
local function selection(opts, encoding)
  local bufnr, first, last = opts.bufnr, opts.range[1], opts.range[2]
  local from, to = vim.api.nvim_buf_get_mark(bufnr, '<'), vim.api.nvim_buf_get_mark(bufnr, '>')
  if vim.fn.visualmode() == 'v' and from[1] == first and to[1] == last then
    local line = vim.api.nvim_buf_get_lines(bufnr, last - 1, last, false)[1] or ''
    local stop = math.min(to[2], #line)
    if vim.o.selection ~= 'exclusive' and stop < #line then
      stop = stop + vim.str_utf_end(line, stop + 1) + 1 -- behind the last character
    end
    return { start = position(bufnr, from[1] - 1, from[2], encoding), ['end'] = position(bufnr, last - 1, stop, encoding) }
  end
  return { start = { line = first - 1, character = 0 }, ['end'] = position(bufnr, last - 1, math.huge, encoding) }
end

---@param opts hob.Opts
---@param encoding string
---@return lsp.Range
local function range_of(opts, encoding)
  if opts.range then
    return selection(opts, encoding)
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local at = position(opts.bufnr, cursor[1] - 1, cursor[2], encoding)
  return { start = at, ['end'] = at }
end

--- Takes KEY=VALUE words off the front of an instruction.
---@param args string
---@param known string[]
---@return table<string, any> options
---@return string rest
function M.options_of(args, known)
  local options = {}
  while true do
    local key, value, rest = args:match('^(%l+)=(%S*)%s*(.*)$')
    if not key or not vim.list_contains(known, key) then
      return options, vim.trim(args)
    end
    options[key], args = value ~= '' and value or nil, rest
  end
end
local options_of = M.options_of

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function job(sub, client, opts)
  local params, prompt = options_of(opts.args, sub.options)
  params.uri = vim.uri_from_bufnr(opts.bufnr)
  params.range = range_of(opts, client.offset_encoding)
  params.prompt = prompt ~= '' and prompt or nil
  execute(client, sub.id, params, opts.bufnr)
end

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function component(sub, client, opts)
  if client.attached_buffers[opts.bufnr] then
    return job(sub, client, opts)
  end
  -- A file browser, or nothing at all: the folder shown, else the project.
  local params, prompt = options_of(opts.args, sub.options)
  local name = vim.api.nvim_buf_get_name(opts.bufnr)
  local dir = vim.fn.isdirectory(name) == 1 and name or client.root_dir
  params.uri = dir and vim.uri_from_fname(vim.fs.normalize(dir)) or nil
  params.prompt = prompt ~= '' and prompt or nil
  execute(client, sub.id, params, opts.bufnr)
end

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function fix(sub, client, opts)
  local lines = opts.range or { vim.api.nvim_win_get_cursor(0)[1], vim.api.nvim_win_get_cursor(0)[1] }
  local found = diagnostics.of(opts.bufnr, lines[1] - 1, lines[2] - 1, client.offset_encoding)
  if #found == 0 then
    return say('there is no diagnostic on this line to fix')
  end
  local function start(d)
    local params, prompt = options_of(opts.args, sub.options)
    params.uri, params.range, params.diagnostics = vim.uri_from_bufnr(opts.bufnr), d.range, { d }
    params.prompt = prompt ~= '' and prompt or nil
    execute(client, sub.id, params, opts.bufnr)
  end
  if #found == 1 then
    return start(found[1])
  end
  vim.ui.select(found, {
    prompt = 'Fix:',
    format_item = function(d)
      return (d.message:gsub('%s+', ' '))
    end,
  }, function(d)
    if d then
      start(d)
    end
  end)
end

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function cancel(sub, client, opts)
  local function stop(id)
    execute(client, sub.id, { job = id }, opts.bufnr, function(result)
      if not result.cancelled then
        say(('job %s is not running'):format(id))
      end
    end)
  end
  if opts.args ~= '' then
    return stop(opts.args)
  end
  execute(client, 'hob.status', nil, opts.bufnr, function(now)
    if #now.jobs == 0 then
      say('no job is running', vim.log.levels.INFO)
    elseif #now.jobs == 1 then
      stop(now.jobs[1].job)
    else
      vim.ui.select(now.jobs, {
        prompt = 'Cancel:',
        ---@param j hob.StatusJob
        format_item = function(j)
          return ('%s %s (%s)'):format(j.action, vim.fs.basename(vim.uri_to_fname(j.uri)), j.state)
        end,
      }, function(j)
        if j then
          stop(j.job)
        end
      end)
    end
  end)
end

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function revert(sub, client, opts)
  local name = opts.args ~= '' and opts.args or nil
  execute(client, sub.id, name and { job = name } or vim.empty_dict(), opts.bufnr, function() end)
end

---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function show_status(sub, client, opts)
  execute(client, sub.id, nil, opts.bufnr, function(now)
    require('hob.rest').outside(function()
      require('hob.window').open('Hob', status.markdown(now))
    end)
  end)
end

---@param act 'accept'|'reject'
---@return fun(opts: hob.Opts)
local function decide(act)
  return function(opts)
    local plan = require('hob.plan')
    if plan.of(opts.bufnr) then
      return plan.act(act)
    end
    require('hob.review').act(act)
  end
end

--- What the newest job that came too late would have done.
local function show_diff()
  for _, late in ipairs(status.results()) do
    if late.diff then
      return require('hob.window').open(('what %s would have done'):format(late.action), late.diff, { filetype = 'diff' })
    end
  end
  say('there is no diff to show')
end

--- About the changes that are shown in the buffer, else about the job that failed.
---@param opts hob.Opts
local function retry(opts)
  local review, larger = require('hob.review'), opts.args == 'larger'
  local options, prompt = options_of(opts.args, { 'tier' })
  local change = { tier = options.tier, prompt = prompt ~= '' and prompt or nil } ---@type hob.Retry
  local changed = not larger and next(change) and change or nil
  if not review.of(opts.bufnr) and require('hob.failure').choose(larger, changed) then
    return
  end
  if larger then
    return review.act('retry_larger')
  end
  review.retry(change)
end

local steps = { 'accept', 'next', 'prev', 'reject' }

---@param opts hob.Opts
local function hunk(opts)
  if not vim.list_contains(steps, opts.args) then
    return say(('hunk takes one of %s'):format(table.concat(steps, ', ')), vim.log.levels.ERROR)
  end
  require('hob.review').act('hunk_' .. opts.args)
end

---@return string[]
local function running()
  local now = status.get()
  local ids = {}
  for i, j in ipairs(now and now.jobs or {}) do
    ids[i] = j.job
  end
  return ids
end

--- The names of the commands that the project defines for itself.
---@return string[]
local function own_names()
  local client = status.client(nil, true)
  local found = {}
  for name, kind in vim.fs.dir((client and client.root_dir or vim.fn.getcwd()) .. '/.hob/commands') do
    if kind == 'file' and name:match('%.md$') then
      found[#found + 1] = (name:gsub('%.md$', ''))
    end
  end
  table.sort(found)
  return found
end

--- Without a name, those that suit the place are in the server's menu.
---@param sub hob.Subcommand
---@param client vim.lsp.Client
---@param opts hob.Opts
local function own(sub, client, opts)
  local range = opts.range
  if opts.args ~= '' then
    local params, name = options_of(opts.args, sub.options)
    params.uri, params.range, params.name = vim.uri_from_bufnr(opts.bufnr), range_of(opts, client.offset_encoding), name
    return execute(client, sub.id, params, opts.bufnr)
  end
  vim.lsp.buf.code_action({
    context = { diagnostics = {}, only = { 'refactor.rewrite.hob.run' } },
    range = range and { start = { range[1], 0 }, ['end'] = { range[2], #vim.fn.getline(range[2]) } } or nil,
  })
end

local how = { 'tier', 'model' }

---@type table<string, hob.Subcommand>
M.subcommands = {
  edit = { id = 'hob.edit', run = job, options = how, desc = 'change the selection, or the symbol at the cursor' },
  generate = { id = 'hob.generate', run = job, options = how, desc = 'write code at the cursor' },
  component = {
    id = 'hob.component',
    run = component,
    anywhere = true,
    options = { 'tier', 'model', 'name', 'framework', 'dir' },
    desc = 'write a component in a new file',
  },
  document = { id = 'hob.document', run = job, options = how, desc = 'document the symbol at the cursor' },
  implement = { id = 'hob.implement', run = job, options = how, desc = 'write the body of the stub at the cursor' },
  review = { id = 'hob.review', run = job, options = how, desc = 'review the selection, or the file' },
  refactor = { id = 'hob.refactor', run = job, options = how, desc = 'change several files' },
  run = { id = 'hob.run', run = own, options = how, values = own_names, desc = 'run a command of .hob/commands, or choose one' },
  test = { id = 'hob.test', run = job, options = how, desc = 'write tests for the symbol at the cursor' },
  explain = { id = 'hob.explain', run = job, options = how, desc = 'explain the selection, or the symbol at the cursor' },
  fix = { id = 'hob.fix', run = fix, options = how, desc = 'fix a diagnostic of this line' },
  cancel = { id = 'hob.cancel', run = cancel, anywhere = true, values = running, desc = 'cancel a job' },
  revert = { id = 'hob.revert', run = revert, anywhere = true, desc = 'take back a job, the newest without a name' },
  status = { id = 'hob.status', run = show_status, anywhere = true, desc = 'what Hob does and what it did' },
  accept = { review = decide('accept'), desc = 'make the changes that are shown, or carry out the plan' },
  reject = { review = decide('reject'), desc = 'leave the text as it is' },
  plan = {
    review = function()
      require('hob.plan').focus()
    end,
    desc = 'go to the plan that waits for you',
  },
  diff = { review = show_diff, desc = 'what a job that came too late would have done' },
  retry = {
    review = retry,
    options = { 'tier' },
    values = function()
      return { 'larger', 'tier=' }
    end,
    desc = 'try again, with another instruction or a larger model',
  },
  hunk = {
    review = hunk,
    values = function()
      return steps
    end,
    desc = 'decide about one change',
  },
}

---@return string[]
function M.names()
  local all = vim.tbl_keys(M.subcommands)
  table.sort(all)
  return all
end

--- Why a buffer has no server.
---@param bufnr integer
---@return string
local function why_not(bufnr)
  if not require('hob.config').root(bufnr) then
    return 'it works on the files of a project, and this buffer is none'
  elseif vim.bo[bufnr].filetype == '' then
    return "it works on files that have a 'filetype', and this one has none"
  end
  return "the server is not running for this buffer; vim.lsp.enable('hob') starts it, :checkhealth hob tells more"
end

--- Runs :Hob.
---@param cmd { args: string, range: integer, line1: integer, line2: integer }
function M.run(cmd)
  local name, rest = cmd.args:match('^%s*(%S*)%s*(.-)%s*$')
  local sub = M.subcommands[name == '' and 'status' or name]
  if not sub then
    return say(('there is no subcommand %q; there are %s'):format(name, table.concat(M.names(), ', ')), vim.log.levels.ERROR)
  end
  local bufnr = vim.api.nvim_get_current_buf()
  if sub.review then
    return sub.review({ bufnr = bufnr, args = rest })
  end
  local client = status.client(bufnr, sub.anywhere)
  if not client then
    return say(why_not(bufnr), vim.log.levels.ERROR)
  end
  sub.run(sub, client, { bufnr = bufnr, range = cmd.range > 0 and { cmd.line1, cmd.line2 } or nil, args = rest })
end

return M
