// Capture files as libpcap reads them: the oracle of our own reader's tests.
#pragma once
#include <pcap/pcap.h>
