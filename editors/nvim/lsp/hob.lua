-- Read by vim.lsp.enable('hob'): all that the server needs, and nothing else has to be called.
local config = require('hob.config')
local user = config.get()

---@type vim.lsp.Config
return {
  cmd = user.cmd,
  root_markers = user.root_markers,
  root_dir = function(bufnr, on_dir)
    local root = config.root(bufnr)
    if root then
      on_dir(root)
    end
  end,
  settings = { hob = user.settings },
  -- The server starts loading models at once: it should know the settings by then.
  before_init = function(params, resolved)
    local settings = (resolved.settings or {}).hob
    if settings then
      params.initializationOptions = { hob = settings }
    end
  end,
  on_init = function(client)
    require('hob.requests').adapt(client)
    require('hob.content').enable()
  end,
  on_exit = function(_, _, client_id)
    vim.schedule(function()
      require('hob.status').clear_client(client_id)
      require('hob.preview').clear_client(client_id)
      require('hob.review').clear_client(client_id)
      require('hob.plan').clear_client(client_id)
      require('hob.failure').clear_client(client_id)
      require('hob.rest').clear_client(client_id)
    end)
  end,
  capabilities = {
    workspace = { textDocumentContent = { dynamicRegistration = false } },
    experimental = { hob = { buttons = true, input = true, plan = true, preview = true, review = true, reviewNew = true } },
  },
  handlers = {
    ['hob/input'] = function(...)
      return require('hob.handlers').input(...)
    end,
    ['hob/jobDone'] = function(...)
      require('hob.handlers').job_done(...)
    end,
    ['hob/jobProgress'] = function(_, params, ctx)
      require('hob.preview').progress(params, ctx.client_id)
    end,
    ['hob/plan'] = function(...)
      return require('hob.handlers').plan(...)
    end,
    ['hob/review'] = function(...)
      return require('hob.handlers').review(...)
    end,
    ['hob/status'] = function(...)
      require('hob.handlers').status(...)
    end,
    ['window/showMessage'] = function(...)
      require('hob.handlers').show_message(...)
    end,
    ['window/showMessageRequest'] = function(...)
      return require('hob.handlers').show_message_request(...)
    end,
    ['workspace/applyEdit'] = function(_, params, ctx)
      return require('hob.edits').apply(params, ctx)
    end,
  },
}
