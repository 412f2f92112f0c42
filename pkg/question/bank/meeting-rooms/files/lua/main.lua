function rooms_needed(meetings)
  -- Your code here. A meeting has start and stop.
  return 0
end

function answer(line)
  local meetings = {}
  for start, stop in line:gmatch("([%d.]+)-([%d.]+)") do
    meetings[#meetings + 1] = { start = tonumber(start), stop = tonumber(stop) }
  end
  return rooms_needed(meetings)
end

-- Each line of input is one case. Press Run and type one, or run the tests.
for line in io.lines() do
  print(answer(line))
end
