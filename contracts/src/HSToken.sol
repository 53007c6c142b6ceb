// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title HS, the utility token of the compute fleet
/// @notice 100,000,000 HS are minted once (WP-T1). Use burns them down to 20,260,000 and no further (WP-B4).
/// @dev No votes extension: votes are by NFT, and checkpoints would double the gas of a job. No owner, no minter, no pause.
contract HSToken is ERC20, ERC20Permit {
    /// @notice All that was ever minted, in wei of HS (18 decimals).
    uint256 public constant INITIAL_SUPPLY = 100_000_000 ether;

    /// @notice Supply below which nothing burns: 10,130 NFTs × 2,000 HS.
    uint256 public constant SUPPLY_FLOOR = 20_260_000 ether;

    /// @notice A holder burnt HS.
    /// @param account Whose HS were burnt.
    /// @param requested What the holder asked to burn, in wei.
    /// @param burned What was burnt: less than requested exactly when the floor was reached.
    event Burned(address indexed account, uint256 requested, uint256 burned);

    /// @notice Mints the whole supply.
    /// @param holder Who receives all 100,000,000 HS.
    constructor(address holder) ERC20("HS", "HS") ERC20Permit("HS") {
        _mint(holder, INITIAL_SUPPLY);
    }

    /// @notice Burns up to `amount` of the caller's HS; at the floor it burns less, or nothing, and does not revert.
    /// @dev Reverts with `ERC20InsufficientBalance` when the caller holds less than what would be burnt.
    /// @param amount Wei of HS to burn at most.
    /// @return burned Wei of HS burnt.
    function burnUpTo(uint256 amount) external returns (uint256 burned) {
        uint256 room = burnable();
        burned = amount < room ? amount : room;
        if (burned != 0) _burn(msg.sender, burned);
        emit Burned(msg.sender, amount, burned);
    }

    /// @notice Wei of HS that may still be burnt before the floor.
    function burnable() public view returns (uint256) {
        return totalSupply() - SUPPLY_FLOOR;
    }

    /// @notice Wei of HS burnt so far.
    function totalBurned() external view returns (uint256) {
        return INITIAL_SUPPLY - totalSupply();
    }
}
