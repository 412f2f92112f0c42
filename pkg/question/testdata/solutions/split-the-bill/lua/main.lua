-- Splits a bill of some cents among people.
function split(bill, people)
  local shares = {}
  for i = 1, people do
    shares[i] = bill // people + (i <= bill % people and 1 or 0)
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
