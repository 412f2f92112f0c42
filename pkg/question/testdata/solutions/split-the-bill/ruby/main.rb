# Splits a bill of some cents among people.
def split(bill, people)
  Array.new(people) { |i| bill / people + (i < bill % people ? 1 : 0) }
end

def answer(line)
  shares = split(*line.split.map(&:to_i))
  shares.empty? ? "-" : shares.join(" ")
end

# Each line of input is one case. Press Run and type one, or run the tests.
while (line = gets)
  puts answer(line.chomp)
end
