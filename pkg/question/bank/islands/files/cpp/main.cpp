#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

static std::vector<std::string> split(const std::string &line);

// The number of islands, and the size of the largest.
std::pair<int, int> islands(const std::vector<std::string> &rows) {
  // Your code here
  return {0, 0};
}

static void answer(const std::string &line) {
  auto [count, largest] = islands(split(line));
  std::cout << count << " " << largest << std::endl;
}

static std::vector<std::string> split(const std::string &line) {
  std::vector<std::string> rows;
  std::istringstream parts(line);
  for (std::string row; std::getline(parts, row, '/');) rows.push_back(row);
  return rows;
}

// Each line of input is one case. Press Run and type one, or run the tests.
int main() {
  std::string line;
  while (std::getline(std::cin, line)) answer(line);
}
