-- Splits a bill of some cents among people.
function split(bill, people)
  local share = math.floor(bill / math.max(people, 1) + 0.5)
  local shares, left = { share }, bill - share
  while #shares < people do
    shares[#shares + 1] = share
    left = left - share
  end
  local i = 1
  while left > 0 do
    shares[i] = shares[i] + 1
    left = left - 1
    i = i + 1
  end
  return shares
end

function answer(line)
  local bill, people = line:match("(%d+) (%d+)")
  local shares = split(tonumber(bill), tonumber(people))
  return #shares > 0 and table.concat(shares, " ") or "-"
end

-- Each line of input is one case. Press Run and type one, or run the tests.
for line in io.lines() do
  print(answer(line))
end
