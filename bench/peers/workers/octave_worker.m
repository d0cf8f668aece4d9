% GNU Octave's tasks, and its side of the protocol (see protocol.py). Must not know how times are reported.
% Matrices are kept as Octave has them, by columns; data comes and results go row by row.
1;

% ---- tasks: functions without arguments that return a cell array of results ----

function tasks = product(d)
  tasks = struct();
  if ndims(d.a) == 2
    tasks.("a * b") = @() {d.a * d.b};
  end
end

function tasks = product_nt(d)
  tasks = struct("a * b'", @() {d.a * d.b'});
end

function tasks = product_tn(d)
  tasks = struct("a' * b", @() {d.a' * d.b});
end

function tasks = linear(d)
  tasks = struct("x * w + b", @() {d.x * d.w + d.b});
end

function tasks = linear_nt(d)
  tasks = struct("x * w' + b", @() {d.x * d.w' + d.b});
end

function tasks = sigmoid(d)
  tasks = struct("1 ./ (1 + exp(-x))", @() {1 ./ (1 + exp(-d.x))});
end

function tasks = relu(d)
  tasks = struct("max(x, 0)", @() {max(d.x, 0)});
end

function tasks = softmax(d)
  tasks = struct("e ./ sum(e, 2)", @() {softmax_rows(d.x)});
end

function y = softmax_rows(x)
  e = exp(x - max(x, [], 2));
  y = e ./ sum(e, 2);
end

function tasks = snippet(d)
  tasks = struct("vectorised", @() snippet_gradients(d.x, d.a2, d.a3, d.theta2, d.sum2));
end

function results = snippet_gradients(x, a2, a3, theta2, sum2)
  m = rows(x);
  delta3 = -(x - a3) .* a3 .* (1 - a3);
  delta2 = (delta3 * theta2' + sum2) .* a2 .* (1 - a2);
  results = {x' * delta2 / m, a2' * delta3 / m, sum(delta2) / m, sum(delta3) / m};
end

function tasks = autoencoder(d)
  tasks = struct("by hand", @() cost_and_gradient(d.x, d.w1, d.b1, d.w2, d.b2));
end

function results = cost_and_gradient(x, w1, b1, w2, b2)
  rho = 0.01; decay = 1e-4; beta = 3;
  m = rows(x);
  a2 = 1 ./ (1 + exp(-(x * w1 + b1)));
  a3 = 1 ./ (1 + exp(-(a2 * w2 + b2)));
  rho_hat = mean(a2);
  divergence = rho * log(rho ./ rho_hat) + (1 - rho) * log((1 - rho) ./ (1 - rho_hat));
  err = a3 - x;
  cost = sumsq(err(:)) / (2 * m) + decay / 2 * (sumsq(w1(:)) + sumsq(w2(:))) + beta * sum(divergence);
  delta3 = err .* a3 .* (1 - a3) / m;
  sparsity = beta / m * (-rho ./ rho_hat + (1 - rho) ./ (1 - rho_hat));
  delta2 = (delta3 * w2' + sparsity) .* a2 .* (1 - a2);
  results = {cost, x' * delta2 + decay * w1, sum(delta2), a2' * delta3 + decay * w2, sum(delta3)};
end

% ---- data and digests ----

% What makeData in data.ts makes, bit for bit: mulberry32 is a hash of a counter.
function values = uniform(spec)
  shape = spec.shape(:)';
  count = prod(shape);
  values = zeros(count, 1);
  % In pieces, for the temporaries are larger than the result.
  for from = 1:1e6:count
    to = min(count, from + 1e6 - 1);
    state = low32(uint64((from:to)') * uint64(0x6D2B79F5) + uint64(spec.seed));
    bits = low32(bitxor(state, bitshift(state, -15)) .* bitor(state, uint64(1)));
    bits = bitxor(bits, low32(bits + low32(bitxor(bits, bitshift(bits, -7)) .* bitor(bits, uint64(61)))));
    bits = bitxor(bits, bitshift(bits, -14));
    values(from:to) = spec.low + (spec.high - spec.low) * (double(bits) / 2^32);
  end
  % Row by row: the axes come in reverse order and are then turned round.
  if numel(shape) == 1
    values = values';
  else
    values = permute(reshape(values, fliplr(shape)), numel(shape):-1:1);
  end
end

% Modulo 2^32: Octave's integers of 32 bits would saturate, those of 64 hold every product.
function low = low32(x)
  low = bitand(x, uint64(0xFFFFFFFF));
end

% See digestOf in check.ts.
function d = digest(result)
  flat = double(permute(result, ndims(result):-1:1))(:);
  count = numel(flat);
  chunks = min(count, 4096);
  starts = floor((0:chunks)' * count / chunks);
  sizes = diff(starts);
  means = accumarray(repelems(1:chunks, [1:chunks; sizes'])', flat) ./ sizes;
  % Cells, for a list of one number would be sent as a number.
  d = struct("size", count);
  d.means = num2cell(means);
  d.firsts = num2cell(flat(starts(1:end-1) + 1));
end

% ---- the commands ----

function elapsed = time_batch(task, batch)
  start = tic();
  for i = 1:batch
    task();
  end
  elapsed = toc(start) * 1e3;
end

function value = run_command(command)
  global tasks;
  if isfield(command, "task")
    task = tasks.(command.precision).(command.task);
  end
  switch command.do
    case "versions"
      value = struct("Octave", version(), "BLAS", strtrim(strtok(version("-blas"), "(")));
    case "prepare"
      value = prepare(command);
    case "outputs"
      value = cellfun(@digest, task(), "UniformOutput", false);
    case "warmUp"
      value = collect(task, 1, command.ms);
    case "calibrate"
      value = calibrate(task, command.sampleMs);
    case "sample"
      value = collect(task, command.batch, command.budgetMs);
    otherwise
      error("unknown command %s", command.do);
  end
end

function value = prepare(command)
  global tasks;
  families = struct("product", @product, "product-nt", @product_nt, "product-tn", @product_tn, "linear", @linear, ...
    "linear-nt", @linear_nt, "sigmoid", @sigmoid, "relu", @relu, "softmax", @softmax, "snippet", @snippet, ...
    "autoencoder", @autoencoder);
  tasks = struct();
  value = {};
  if !isfield(families, command.family)
    return;
  end
  data = structfun(@uniform, command.data, "UniformOutput", false);
  convert = struct("float32", @single, "float64", @double);
  for precision = command.precisions'
    own = structfun(convert.(precision{1}), data, "UniformOutput", false);
    tasks.(precision{1}) = families.(command.family)(own);
    for task = fieldnames(tasks.(precision{1}))'
      value{end + 1} = struct("task", task{1}, "precision", precision{1});
    end
  end
end

% See findBatch in runner.ts.
function batch = calibrate(task, sample_ms)
  batch = 1;
  while true
    elapsed = time_batch(task, batch);
    if elapsed > 0 && elapsed >= sample_ms / 2
      batch = max(1, round(batch * sample_ms / elapsed));
      return;
    end
    batch *= 2;
  end
end

function samples = collect(task, batch, budget_ms)
  samples = {};
  spent = 0;
  while isempty(samples) || spent < budget_ms
    elapsed = time_batch(task, batch);
    spent += elapsed;
    samples{end + 1} = elapsed / batch;
  end
end

% One that is killed leaves no file behind.
sighup_dumps_octave_core(false);
sigterm_dumps_octave_core(false);
crash_dumps_octave_core(false);
% Not fgetl, which waits for the character after the line.
while !isempty(line = fscanf(stdin(), "%[^\n]%*c", "C"))
  try
    reply = struct();
    reply.value = run_command(jsondecode(line, "makeValidName", false));
  catch problem
    reply = struct("error", problem.message);
  end
  puts([jsonencode(reply) "\n"]);
  fflush(stdout());
end
