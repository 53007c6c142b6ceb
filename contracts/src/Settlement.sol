// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {HSToken} from "./HSToken.sol";

/// @title Settlement of finished jobs in HS
/// @notice Clients deposit HS. The settler settles each job once: the client's deposit is debited, the provider is paid
/// and a share is burnt (WP-B1, WP-S5). A pause stops deposits and settlements, never withdrawals.
/// @dev Immutable: token, treasury and burn share are fixed at construction. What the supply floor keeps from burning goes
/// to the treasury, which funds holders (WP-B5): so a provider's share never depends on the supply, and neither provider nor
/// client gains by driving the supply to its floor.
/// A client may withdraw what is not yet debited; a settlement without cover reverts with `InsufficientDeposit`.
contract Settlement is AccessManaged, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for HSToken;

    /// @notice What is said of a finished job. Only salted hashes: nothing here names a person or a workload (WP-E3).
    struct Job {
        /// Salted hash of the job's id; each is settled once.
        bytes32 jobHash;
        /// Whose deposit pays.
        address client;
        /// Who is paid.
        address provider;
        /// Price in wei of HS.
        uint256 amount;
        /// GPU-seconds used.
        uint64 gpuSeconds;
        /// Metered IT energy in milliwatt-hours.
        uint64 energyMilliWh;
        /// Salted hash of the job's result.
        bytes32 resultHash;
    }

    /// @notice Denominator of `burnBps`.
    uint256 public constant BPS = 10_000;

    /// @notice The token of deposits and payments.
    HSToken public immutable TOKEN;

    /// @notice Receives what the floor keeps from burning.
    address public immutable TREASURY;

    /// @notice Share of each payment that is burnt, in basis points.
    uint256 public immutable BURN_BPS;

    /// @notice Deposit of a client in wei of HS.
    mapping(address client => uint256 amount) public depositOf;

    /// @notice Sum of all deposits: what this contract owes.
    uint256 public totalDeposits;

    /// @notice Whether a job was settled.
    mapping(bytes32 jobHash => bool settled) public isSettled;

    /// @notice HS came in for a client.
    event Deposited(address indexed client, address indexed payer, uint256 amount);

    /// @notice A client took HS out.
    event Withdrawn(address indexed client, address indexed to, uint256 amount);

    /// @notice A job was settled. `amount` − `paid` − `burned` went to the treasury (0 above the floor).
    event JobSettled(
        bytes32 indexed jobHash,
        address indexed client,
        address indexed provider,
        uint256 amount,
        uint256 paid,
        uint256 burned,
        uint64 gpuSeconds,
        uint64 energyMilliWh,
        bytes32 resultHash
    );

    /// @notice The job was settled before.
    error SettlementJobAlreadySettled(bytes32 jobHash);

    /// @notice The client's deposit does not cover the amount.
    error SettlementInsufficientDeposit(address client, uint256 deposit, uint256 needed);

    /// @notice The address cannot take part: zero, or this contract.
    error SettlementInvalidAddress(address account);

    /// @notice The burn share is above 100 %.
    error SettlementInvalidBurnShare(uint256 burnBps);

    /// @notice Fixes token, treasury and burn share.
    /// @param manager AccessManager that says who may settle and pause.
    /// @param token The HS token.
    /// @param treasury Receives what the floor keeps from burning.
    /// @param burnBps Share of each payment that is burnt, in basis points, at most 10,000.
    constructor(address manager, HSToken token, address treasury, uint256 burnBps) AccessManaged(manager) {
        if (address(token) == address(0)) revert SettlementInvalidAddress(address(token));
        if (treasury == address(0) || treasury == address(this)) revert SettlementInvalidAddress(treasury);
        if (burnBps > BPS) revert SettlementInvalidBurnShare(burnBps);
        TOKEN = token;
        TREASURY = treasury;
        BURN_BPS = burnBps;
    }

    /// @notice Pays HS of the caller into a client's deposit.
    /// @param client Whose deposit grows.
    /// @param amount Wei of HS; the caller has approved them.
    function depositFor(address client, uint256 amount) external nonReentrant whenNotPaused {
        // Neither could ever take it out again.
        if (client == address(0) || client == address(this)) revert SettlementInvalidAddress(client);
        depositOf[client] += amount;
        totalDeposits += amount;
        emit Deposited(client, msg.sender, amount);
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Takes HS out of the caller's deposit; works while paused.
    /// @param to Who receives them.
    /// @param amount Wei of HS.
    function withdraw(address to, uint256 amount) external nonReentrant {
        if (to == address(this)) revert SettlementInvalidAddress(to);
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        TOKEN.safeTransfer(to, amount);
    }

    /// @notice Settles a finished job, once.
    /// @dev Restricted to the settler role of the AccessManager.
    /// @param job What is said of the job.
    /// @return paid Wei of HS paid to the provider.
    /// @return burned Wei of HS burnt.
    function settle(Job calldata job)
        external
        restricted
        nonReentrant
        whenNotPaused
        returns (uint256 paid, uint256 burned)
    {
        if (isSettled[job.jobHash]) revert SettlementJobAlreadySettled(job.jobHash);
        if (job.provider == address(0) || job.provider == address(this)) {
            revert SettlementInvalidAddress(job.provider);
        }
        isSettled[job.jobHash] = true;
        _debit(job.client, job.amount);

        uint256 burnShare = (job.amount * BURN_BPS) / BPS;
        paid = job.amount - burnShare;
        burned = TOKEN.burnUpTo(burnShare);
        if (paid != 0) TOKEN.safeTransfer(job.provider, paid);
        if (burned != burnShare) TOKEN.safeTransfer(TREASURY, burnShare - burned);

        emit JobSettled(
            job.jobHash,
            job.client,
            job.provider,
            job.amount,
            paid,
            burned,
            job.gpuSeconds,
            job.energyMilliWh,
            job.resultHash
        );
    }

    /// @notice Stops deposits and settlements.
    function pause() external restricted {
        _pause();
    }

    /// @notice Lets deposits and settlements go on.
    function unpause() external restricted {
        _unpause();
    }

    function _debit(address client, uint256 amount) private {
        uint256 deposit = depositOf[client];
        if (deposit < amount) revert SettlementInsufficientDeposit(client, deposit, amount);
        unchecked {
            // amount ≤ deposit ≤ totalDeposits
            depositOf[client] = deposit - amount;
            totalDeposits -= amount;
        }
    }
}
