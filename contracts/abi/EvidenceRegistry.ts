// Generated from contracts/src/EvidenceRegistry.sol by `hs contracts build`. Do not edit.
export const evidenceRegistryAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "manager",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "anchor",
    "inputs": [
      {
        "name": "anchors",
        "type": "tuple[]",
        "internalType": "struct EvidenceRegistry.Anchor[]",
        "components": [
          {
            "name": "centre",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "hour",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "leaves",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "root",
            "type": "bytes32",
            "internalType": "bytes32"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "added",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "authority",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isConsumingScheduledOp",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes4",
        "internalType": "bytes4"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "rootOf",
    "inputs": [
      {
        "name": "centre",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "hour",
        "type": "uint64",
        "internalType": "uint64"
      }
    ],
    "outputs": [
      {
        "name": "root",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "setAuthority",
    "inputs": [
      {
        "name": "newAuthority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "AuthorityUpdated",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "RootAnchored",
    "inputs": [
      {
        "name": "centre",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "hour",
        "type": "uint64",
        "indexed": true,
        "internalType": "uint64"
      },
      {
        "name": "root",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "leaves",
        "type": "uint32",
        "indexed": false,
        "internalType": "uint32"
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "AccessManagedInvalidAuthority",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedRequiredDelay",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "delay",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedUnauthorized",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "EvidenceInvalidAnchor",
    "inputs": [
      {
        "name": "centre",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "hour",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "EvidenceRootConflict",
    "inputs": [
      {
        "name": "centre",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "hour",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "anchored",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  }
] as const;
