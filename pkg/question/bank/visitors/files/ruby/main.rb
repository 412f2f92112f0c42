def answer(log)
  # Your code here: "/home 2, /pricing 1"
  "-"
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
