--- Answers to what the server sends. Errors of jobs are shown by the server itself, with
--- window/showMessage: here they are only noted.
local rest = require('hob.rest')
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

local content_modified = -32801

--- hob/review: the user decides about the changes of a job.
---@param params hob.ReviewParams
---@param ctx lsp.HandlerContext
function M.review(_, params, ctx)
  if not require('hob.config').get().preview or #params.hunks == 0 then
    return { accept = true }
  end
  if not rest.wait_outside(params.job, ctx.client_id) then
    return vim.NIL
  end
  local review = require('hob.review')
  local result = wait(function(done)
    review.open(params, ctx.client_id, done)
  end)
  if result ~= review.moved then
    return result
  end
  require('hob.requests').flush(assert(vim.lsp.get_client_by_id(ctx.client_id)), vim.uri_to_bufnr(params.uri))
  return nil, { code = content_modified, message = 'the text was changed meanwhile' }
end

--- hob/plan: the user decides which steps are carried out.
---@param params hob.PlanParams
---@param ctx lsp.HandlerContext
function M.plan(_, params, ctx)
  if not rest.wait_outside(params.job, ctx.client_id) then
    return vim.NIL
  end
  return wait(function(done)
    require('hob.plan').open(params, ctx.client_id, done)
  end)
end

--- hob/jobDone
---@param result hob.Result
---@param ctx lsp.HandlerContext
function M.job_done(_, result, ctx)
  require('hob.preview').clear(result.job)
  require('hob.review').clear(result.job)
  require('hob.newfile').clear(result.job)
  require('hob.plan').clear(result.job)
  status.ended(ctx.client_id, result)
  -- What a review found are diagnostics, and its tally is a message of the server.
  if result.status == 'answered' and result.answer and result.action ~= 'review' then
    local title = result.action:gsub('^%l', string.upper)
    if result.model and result.model ~= '' then
      title = title .. ' · ' .. result.model
    end
    rest.outside(function()
      require('hob.window').open(title, result.answer)
    end)
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
  require('hob.say').show(params.message, levels[params.type] or vim.log.levels.INFO, { title = 'Hob' })
end

--- window/showMessageRequest: what can be done about a failure is said and waits for :Hob; other questions are
--- asked as Neovim does, but of nobody who types.
---@param err lsp.ResponseError?
---@param params lsp.ShowMessageRequestParams
---@param ctx lsp.HandlerContext
function M.show_message_request(err, params, ctx)
  local failure = require('hob.failure')
  local buttons = failure.buttons(params)
  if not buttons then
    local wanted = rest.wait(ctx.client_id, function(job)
      return job.state == 'waiting' -- for its user
    end)
    if not wanted then
      return vim.NIL
    end
    local question = vim.tbl_extend('force', params, { message = params.message:gsub('%.$', '') }) -- Neovim adds a colon
    return vim.lsp.handlers['window/showMessageRequest'](err, question, ctx)
  end
  return wait(function(done)
    local words = failure.open(buttons, ctx.client_id, done)
    M.show_message(nil, { type = params.type, message = ('%s (%s)'):format(params.message, words) })
  end)
end

return M
